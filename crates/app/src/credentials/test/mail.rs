//! Testing the credential of a mail server: logging in and out again.

use flero_connect::{Call, Intent, MailErrorClass, MailRequest, MailWork, Purpose, call::Credential as Used};
use flero_model::policy::Principal;

use super::{TIMEOUT, TestResult, Verdict, described::shown, failed};
use crate::App;

/// What a server says around a login.
const MAX_BYTES: usize = 1 << 16;

impl App {
    pub(super) async fn test_mail(&self, who: &Principal, credential: Used) -> TestResult {
        let request = MailRequest::new(MailWork::Identify, MAX_BYTES, TIMEOUT);
        let call = Call {
            principal: who.clone(),
            purpose: Purpose::Test,
            credential,
            intent: Intent::Record,
            request,
        };
        let reply = match self.0.connect.mail(call).await {
            Ok(reply) => reply,
            Err(error) => return failed(&error),
        };
        let latency = u64::try_from(reply.elapsed.as_millis()).ok();
        match reply.answer {
            Ok(answer) => {
                let account = answer.value.pointer("/account").and_then(shown);
                let message = "The mail server took the password.";
                TestResult { account, ..TestResult::new(Verdict::Accepted, latency, message) }
            }
            Err(error) if error.class == MailErrorClass::Authentication => {
                let message = format!("The mail server refused the user or the password ({}).", error.code);
                TestResult::new(Verdict::Refused, latency, message)
            }
            Err(error) => {
                let message =
                    format!("The mail server answered with an error ({}): {}", error.code, error.message);
                TestResult::new(Verdict::Unverified, latency, message)
            }
        }
    }
}
