//! Whether times tell what answers do not: Welch's t-test, as dudect does it (Reparaz, Balasch, Verbauwhede, "Dude, is my
//! code constant time?", 2017). A |t| above 4.5 is a leak.

use std::{
    hint::black_box,
    net::{IpAddr, Ipv4Addr},
    time::Instant,
};

use flero_app::people::sessions::{Origin, csrf_token, is_csrf_token};
use flero_model::secret::SecretString;
use flero_testing::{PASSWORD, Service, TestServer};

use crate::{TOKEN, matrix::guest, stored};

/// Above this, two sets of times are told apart.
const LEAK: f64 = 4.5;

/// How many pairs are measured of what takes long.
fn pairs() -> u32 {
    if std::env::var_os("FLERO_SOAK").is_some() { 2_000 } else { 40 }
}

/// The t of two sets of times. The slowest tenth of each is left out: those are other programs' work.
fn welch(mut left: Vec<f64>, mut right: Vec<f64>) -> f64 {
    let moments = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times.truncate(times.len() * 9 / 10);
        let count = f64::from(u32::try_from(times.len()).unwrap());
        let mean = times.iter().sum::<f64>() / count;
        let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    };
    let (left, right) = (moments(&mut left), moments(&mut right));
    (left.0 - right.0) / (left.1 + right.1).sqrt()
}

/// Whether each measurement tells the two apart, and in the same direction: what the code does shows every time, what
/// other programs do does not.
fn is_leak(measured: &[f64]) -> bool {
    measured.iter().all(|t| *t > LEAK) || measured.iter().all(|t| *t < -LEAK)
}

/// How often is measured.
const TIMES: usize = 4;

/// The middle of a set of times, which other programs' work moves least.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

#[test]
fn the_test_tells_different_times_apart() {
    let times = |base: f64| (0..100_u32).map(|number| base + f64::from(number % 10)).collect::<Vec<_>>();
    assert!(welch(times(100.0), times(100.0)).abs() < 0.01);
    assert!(welch(times(100.0), times(103.0)).abs() > LEAK);
    assert!(is_leak(&[5.0, 7.0]) && is_leak(&[-5.0, -7.0]));
    assert!(!is_leak(&[5.0, -7.0]) && !is_leak(&[9.0, 4.0]));
}

/// Security test 47: a wrong password takes as long for an account as for none.
#[tokio::test]
async fn a_sign_in_takes_as_long_for_an_account_as_for_none() {
    let server = TestServer::start().await;
    let mut measured = Vec::new();
    for round in 0..TIMES {
        measured.push(difference_of_sign_ins(&server, round).await);
        if !is_leak(&measured) {
            break;
        }
    }
    assert!(!is_leak(&measured), "{measured:?}");
}

/// The t of signing in with a wrong password to an account and to none.
async fn difference_of_sign_ins(server: &TestServer, round: usize) -> f64 {
    let from = u32::try_from(round).unwrap() * pairs();
    let (mut there, mut missing) = (Vec::new(), Vec::new());
    for number in from..from + pairs() {
        let order = if number % 2 == 0 { [true, false] } else { [false, true] };
        for is_there in order {
            // Each from an address of its own and long after the last: no limit stands before the password.
            server.clock.advance(7_200_000);
            let address = IpAddr::V4(Ipv4Addr::from(0xc612_0000 + number * 2 + u32::from(is_there)));
            let origin = Origin { address: Some(address), user_agent: String::new() };
            let email =
                if is_there { "ada@example.com".to_owned() } else { format!("nobody-{number}@example.com") };
            let begin = Instant::now();
            let refused = server.app.sign_in(&email, SecretString::from("not the password"), &origin).await;
            let took = begin.elapsed().as_secs_f64();
            assert!(refused.is_err());
            if is_there { there.push(took) } else { missing.push(took) }
        }
        if number % 8 == 7 {
            // So many failures would close the account.
            server.clock.advance(7_200_000);
            let right = SecretString::from(PASSWORD);
            let _ = server.app.sign_in("ada@example.com", right, &Origin::default()).await.unwrap();
        }
    }
    welch(there, missing)
}

/// Security test 47: a credential of somebody else takes as long as one that is not there, but for the reading of its
/// row. That can be measured with many requests, and tells that an identifier exists to whoever knows its 74 random
/// bits already. Half of the time more is what it may take at most, in a build without optimisation, where the reading
/// was seen to take a fifth.
#[tokio::test]
async fn a_foreign_credential_takes_as_long_as_none() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let (grace, _) = guest(&server, "grace@example.com", "editor").await;
    let mut body = crate::bearer(&service);
    body["scope"] = serde_json::json!("personal");
    let foreign = grace.post("/api/credentials", body).await.expect(201)["id"].as_str().unwrap().to_owned();
    let _ = stored(&server, &service).await;
    let (mut there, mut missing) = (Vec::new(), Vec::new());
    for number in 0..pairs() * 5 {
        let none = flero_model::CredentialId::new(server.app.now(), u128::from(number)).to_string();
        let order = if number % 2 == 0 { [&foreign, &none] } else { [&none, &foreign] };
        for id in order {
            let begin = Instant::now();
            let answer = server.owner.get(&format!("/api/credentials/{id}")).await;
            let took = begin.elapsed().as_secs_f64();
            assert_eq!(answer.status, 404);
            if *id == foreign { there.push(took) } else { missing.push(took) }
        }
    }
    let (there, missing) = (median(there), median(missing));
    assert!((there - missing).abs() < missing / 2.0, "{there} s instead of {missing} s");
}

/// Security test 47: a token that differs in its last character takes as long as one that differs in its first.
#[test]
fn a_token_is_compared_in_the_same_time_wherever_it_differs() {
    let right = csrf_token("a session");
    let changed = |place: usize| {
        let mut bytes = right.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let (first, last) = (changed(0), changed(right.len() - 1));
    let difference = || {
        let (mut early, mut late) = (Vec::new(), Vec::new());
        for number in 0..4_000_u32 {
            let order = if number % 2 == 0 { [&first, &last] } else { [&last, &first] };
            for token in order {
                let begin = Instant::now();
                assert!(!is_csrf_token(black_box("a session"), black_box(token)));
                let took = begin.elapsed().as_secs_f64();
                if *token == first { early.push(took) } else { late.push(took) }
            }
        }
        welch(early, late)
    };
    let measured: Vec<f64> = (0..TIMES).map(|_| difference()).collect();
    assert!(!is_leak(&measured), "{measured:?}");
}
