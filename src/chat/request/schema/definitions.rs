//! The definitions of a schema, and whether one of them leads back to itself.

use std::collections::HashMap;

/// The definitions at a schema's root, with which of them use which.
#[derive(Default)]
pub(super) struct Definitions {
    by_reference: HashMap<String, usize>,
    names: Vec<(String, String)>,
    uses: Vec<Vec<usize>>,
    current: Option<usize>,
}

impl Definitions {
    /// Notes a definition; `keyword` is what it stands in.
    pub(super) fn add(&mut self, keyword: &str, name: &str) {
        self.by_reference.insert(reference(keyword, name), self.uses.len());
        self.names.push((keyword.to_owned(), name.to_owned()));
        self.uses.push(Vec::new());
    }

    /// What is referred to from now on is used by this definition.
    pub(super) fn enter(&mut self, keyword: &str, name: &str) {
        self.current = self.by_reference.get(&reference(keyword, name)).copied();
    }

    /// What is referred to from now on is used by none.
    pub(super) fn leave(&mut self) {
        self.current = None;
    }

    /// Follows a reference; false if it leads to none of the definitions.
    pub(super) fn refer(&mut self, reference: &str) -> bool {
        let Some(used) = self.by_reference.get(reference) else {
            return false;
        };
        if let Some(current) = self.current {
            self.uses[current].push(*used);
        }
        true
    }

    /// A definition that leads back to itself, if one does: what it stands in, and its name.
    ///
    /// A caller's chain of definitions may be long, so nothing here calls itself.
    pub(super) fn circle(&self) -> Option<&(String, String)> {
        let mut users = vec![Vec::new(); self.uses.len()];
        for (user, used) in
            self.uses.iter().enumerate().flat_map(|(user, uses)| uses.iter().map(move |used| (user, used)))
        {
            users[*used].push(user);
        }
        let mut open: Vec<usize> = self.uses.iter().map(Vec::len).collect();
        let mut ended: Vec<usize> = (0..open.len()).filter(|index| open[*index] == 0).collect();
        while let Some(index) = ended.pop() {
            for user in &users[index] {
                open[*user] -= 1;
                if open[*user] == 0 {
                    ended.push(*user);
                }
            }
        }
        // Each that is still open uses one that is, so as many steps as there are definitions end within a circle.
        let mut at = open.iter().position(|uses| *uses > 0)?;
        for _ in &open {
            at = *self.uses[at].iter().find(|used| open[**used] > 0)?;
        }
        self.names.get(at)
    }
}

/// How a definition is referred to, by the rules of JSON Pointer.
fn reference(keyword: &str, name: &str) -> String {
    format!("#/{keyword}/{}", name.replace('~', "~0").replace('/', "~1"))
}
