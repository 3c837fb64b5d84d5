//! The function: one event in, one response out, and each prompt answered and logged in one place.

mod asking;
mod invocation;
mod response;

pub use asking::{Answered, Asked};
pub(crate) use asking::{caught, unpanicked};
pub use invocation::Invocation;
pub(crate) use invocation::root_of;
pub use response::{Document, Response};

use crate::budget::Budget;
use crate::claude::{Call, Claude, Record};
use crate::error::Error;
use crate::event::Event;
use crate::once::{Claim, Once};
use crate::prompt::{Prompt, Purpose, Terms};
use crate::queue::Delivery;
use crate::relay::{Relay, Relays};
use crate::residency::{Counting, QueueUrl};
use crate::settings::Settings;
use crate::telemetry::{self, Asker, Counted, Handled, Source};
use crate::trace::{Daemon, Operation, Place};
use crate::wiring::Wiring;
use crate::{audit, authoriser, deployment, direct, http, profile, queue};
use lambda_runtime::{Context, FunctionResponse, LambdaEvent};
use serde_json::value::RawValue;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Everything that lives as long as the process.
pub struct Function {
    settings: Settings,
    claude: Claude,
    delivery: Option<Delivery>,
    once: Option<Once>,
    keys: Option<authoriser::Keys>,
    relays: Relays,
    wiring: Wiring,
    xray: Option<Daemon>,
    /// What the start took.
    init: OnceLock<Duration>,
    invoked: AtomicBool,
}

impl Function {
    /// A function with these settings, whose clients are built from `wiring`.
    #[must_use]
    pub fn new(settings: Settings, wiring: &Wiring) -> Self {
        let counting = if settings.count_tokens { Counting::On } else { Counting::Off };
        Self {
            claude: Claude::new(wiring, counting),
            delivery: settings.outlets.clone().map(|outlets| Delivery::new(wiring, outlets)),
            once: settings.table.clone().map(|table| Once::new(wiring, table, settings.idempotency_ttl)),
            keys: settings.usage_plan.clone().map(|plan| authoriser::Keys::new(wiring, plan)),
            relays: Relays::default(),
            wiring: wiring.clone(),
            // Without a socket nothing is traced, and every prompt is answered.
            xray: settings.xray.and_then(|address| Daemon::at(address).ok()),
            init: OnceLock::new(),
            invoked: AtomicBool::new(false),
            settings,
        }
    }

    /// Notes that it is ready for its first event, and how long that took since the process `began`.
    pub fn ready(&self, began: Instant) {
        // It is ready once; of two times, the first would count.
        let _ = self.init.set(began.elapsed());
    }

    /// Tells X-Ray of the calls that a prompt took, where its invocation is traced.
    pub fn trace(&self, place: Option<&Place>, operation: Operation, call: &Call, error: Option<&Error>) {
        if let Some((daemon, place)) = self.xray.as_ref().zip(place) {
            daemon.tell(place, operation, call, error);
        }
    }

    /// The way out for results, if there is one.
    #[must_use]
    pub fn delivery(&self) -> Option<&Delivery> {
        self.delivery.as_ref()
    }

    /// Whether the queue with this ARN is one that results or dead letters go to.
    #[must_use]
    pub fn delivers_to(&self, queue_arn: Option<&str>) -> bool {
        let queue = queue_arn.and_then(QueueUrl::of_arn);
        let outlets = self.settings.outlets.as_ref();
        outlets.zip(queue).is_some_and(|(outlets, queue)| [&outlets.results, &outlets.dead_letters].contains(&&queue))
    }

    /// The memory of what was answered, if there is one.
    #[must_use]
    pub fn once(&self) -> Option<&Once> {
        self.once.as_ref()
    }

    /// The keys of its usage plan, if it is an authoriser.
    #[must_use]
    pub fn keys(&self) -> Option<&authoriser::Keys> {
        self.keys.as_ref()
    }

    /// What its clients are built from, for those that are seldom needed.
    #[must_use]
    pub fn wiring(&self) -> &Wiring {
        &self.wiring
    }

    /// The model.
    #[must_use]
    pub fn claude(&self) -> &Claude {
        &self.claude
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Handles one event.
    ///
    /// # Errors
    /// An event that is not known, or a direct prompt that was not answered. Over HTTP an error is an answer, and
    /// in a queue it is a message that stays.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<Box<RawValue>>) -> Result<Response, Error> {
        let LambdaEvent { payload, context, .. } = event;
        let invocation = self.invocation(&context);
        match Event::parse(payload.get()) {
            Ok(Event::Http(request)) => Ok(http::serve(&self, &invocation, &request).await),
            Ok(Event::Queue(batch)) => {
                let invocation = Arc::new(invocation);
                let response = queue::serve(&self, &invocation, batch).await;
                let response = response.map_err(|error| self.refuse(&invocation.asker(Source::Queue), error))?;
                Ok(FunctionResponse::BufferedResponse(Document::Batch(response)))
            }
            Ok(Event::Direct(event)) => {
                let answer = direct::serve(&self, &invocation, event).await?;
                Ok(FunctionResponse::BufferedResponse(Document::Answer(Box::new(answer))))
            }
            Ok(Event::Audit(notice)) => {
                let response = audit::serve(&invocation, notice);
                Ok(FunctionResponse::BufferedResponse(Document::Audit(response)))
            }
            // In a box, so that what is asked once a day does not make every prompt's future larger.
            Ok(Event::Schedule) => {
                let response = Box::pin(profile::serve(&self, &invocation)).await;
                Ok(FunctionResponse::BufferedResponse(Document::Profile(response)))
            }
            Ok(Event::Deployment(request)) => {
                let response = Box::pin(deployment::serve(&self, &invocation, *request)).await?;
                Ok(FunctionResponse::BufferedResponse(Document::Deployment(response)))
            }
            Ok(Event::Authoriser(request)) => {
                let policy = Box::pin(authoriser::serve(&self, &invocation, &request)).await?;
                Ok(FunctionResponse::BufferedResponse(Document::Policy(Box::new(policy))))
            }
            Err(error) => Err(self.refuse(&invocation.asker(Source::Unknown), error)),
        }
    }

    fn invocation(&self, context: &Context) -> Invocation {
        let is_first = !self.invoked.swap(true, Ordering::Relaxed);
        let budget = Budget::of_invocation(&self.settings, context.deadline());
        let invocation = Invocation::new(context, budget, self.settings.prices);
        if is_first { invocation.of_a_cold_start(self.init.get().copied()) } else { invocation }
    }

    fn terms<'a>(&self, purpose: Purpose, betas: &'a [String]) -> Terms<'a> {
        Terms { default_max_tokens: self.settings.default_max_tokens, purpose, betas }
    }

    /// Reads a prompt event. A panic on the way is this prompt's error and nobody else's.
    ///
    /// # Errors
    /// The door's own error if `event` is one, or the rule that the event breaks.
    pub fn parse(
        &self,
        event: Result<impl AsRef<[u8]>, Error>,
        purpose: Purpose,
        betas: &[String],
    ) -> Result<Prompt, Error> {
        let terms = self.terms(purpose, betas);
        caught(|| event.and_then(|event| Prompt::parse(event.as_ref(), terms)))
    }

    /// Reads a prompt that was translated from an event whose size has been looked at; one that is refused gets its line here.
    ///
    /// # Errors
    /// As for [`Self::parse`].
    pub fn read_translated(&self, asker: &Asker, body: &str) -> Result<Prompt, Error> {
        let terms = self.terms(Purpose::Answer, &[]);
        let prompt = caught(|| Prompt::parse_of_any_size(body.as_bytes(), terms));
        prompt.map_err(|error| self.refuse(asker, error))
    }

    /// Reads a prompt event; one that is refused gets its line here.
    ///
    /// # Errors
    /// As for [`Self::parse`].
    pub fn read(
        &self,
        asker: &Asker,
        event: Result<impl AsRef<[u8]>, Error>,
        purpose: Purpose,
        betas: &[String],
    ) -> Result<Prompt, Error> {
        self.parse(event, purpose, betas).map_err(|error| self.refuse(asker, error))
    }

    /// Asks for one prompt's whole answer. A panic on the way is this prompt's error and nobody else's. The line is the
    /// caller's to write.
    pub async fn ask(&self, place: Option<&Place>, prompt: Prompt, budget: Budget) -> Asked {
        let record = Record::default();
        let (dropped, max_tokens) = (prompt.dropped().clone(), prompt.max_tokens());
        let outcome = unpanicked(self.claude.ask(prompt, budget, &record)).await;
        let call = record.call();
        let bedrock_request_id = call.request_ids.last().cloned();
        let outcome = outcome.map_err(|error| error.with_bedrock_request_id(bedrock_request_id));
        self.trace(place, Operation::InvokeModel, &call, outcome.as_ref().err());
        Asked { outcome, call, dropped, max_tokens }
    }

    /// Answers one prompt whole, and writes its line.
    ///
    /// # Errors
    /// Whatever kept the prompt from being answered.
    pub async fn answer(&self, asker: &Asker, prompt: Prompt, budget: Budget) -> Result<Answered, Error> {
        let asked = self.ask(asker.place.as_ref(), prompt, budget).await;
        telemetry::prompt_handled(asker, &asked.call, &asked.handled());
        let Asked { outcome, mut call, .. } = asked;
        outcome.map(|answer| Answered { answer, bedrock_request_id: call.request_ids.pop() })
    }

    /// Answers one prompt as a stream, and writes its line at the end.
    #[must_use]
    pub fn stream(self: &Arc<Self>, asker: Asker, prompt: Prompt, claim: Option<Claim>, budget: Budget) -> Relay {
        self.relays.start(self, asker, prompt, claim, budget)
    }

    /// Counts the tokens of one prompt, and writes its line; gives them with Bedrock's ID of the call.
    ///
    /// # Errors
    /// Whatever kept the prompt from being counted.
    pub async fn count(&self, asker: &Asker, prompt: Prompt, budget: Budget) -> Result<(i32, Option<String>), Error> {
        let record = Record::default();
        let dropped = prompt.dropped().clone();
        let outcome = unpanicked(self.claude.count(prompt, budget, &record)).await;
        let counted = Some(Counted(outcome.as_ref().ok().copied()));
        let handled = Handled { counted, dropped: Some(&dropped), error: outcome.as_ref().err(), ..Handled::default() };
        let mut call = record.call();
        telemetry::prompt_handled(asker, &call, &handled);
        self.trace(asker.place.as_ref(), Operation::CountTokens, &call, outcome.as_ref().err());
        let bedrock_request_id = call.request_ids.pop();
        match outcome {
            Ok(tokens) => Ok((tokens, bedrock_request_id)),
            Err(error) => Err(error.with_bedrock_request_id(bedrock_request_id)),
        }
    }

    /// Writes the line of an event that never became a prompt, and gives its error back.
    pub fn refuse(&self, asker: &Asker, error: Error) -> Error {
        let handled = Handled { error: Some(&error), ..Handled::default() };
        telemetry::prompt_handled(asker, &Call::default(), &handled);
        error
    }

    /// Waits until everything that an invocation began has ended, because Lambda may freeze the process right after that.
    /// Tells whether the client of its answer left early.
    pub async fn settled(&self, request_id: &str) -> bool {
        self.relays.settled(request_id).await
    }
}
