//! The operations of DynamoDB that the stand-in offers.

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Writes a whole item.
    PutItem,
    /// Reads an item by its key.
    GetItem,
    /// Changes some attributes of an item.
    UpdateItem,
    /// Deletes an item by its key.
    DeleteItem,
    /// Tells about a table.
    DescribeTable,
}

impl Operation {
    /// The operation that an `X-Amz-Target` names.
    pub(super) fn targeted(target: &str) -> Option<Self> {
        match target.strip_prefix("DynamoDB_20120810.")? {
            "PutItem" => Some(Self::PutItem),
            "GetItem" => Some(Self::GetItem),
            "UpdateItem" => Some(Self::UpdateItem),
            "DeleteItem" => Some(Self::DeleteItem),
            "DescribeTable" => Some(Self::DescribeTable),
            _ => None,
        }
    }

    /// The action that IAM knows it by.
    pub(super) fn action(self) -> &'static str {
        match self {
            Self::PutItem => "dynamodb:PutItem",
            Self::GetItem => "dynamodb:GetItem",
            Self::UpdateItem => "dynamodb:UpdateItem",
            Self::DeleteItem => "dynamodb:DeleteItem",
            Self::DescribeTable => "dynamodb:DescribeTable",
        }
    }
}
