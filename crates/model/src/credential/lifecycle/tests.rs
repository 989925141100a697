use super::*;
use crate::{
    CredentialId, OrganizationId, UserId, WorkspaceId,
    credential::{AuthType, Belonging, Scope},
};

fn day(days: i64) -> Timestamp {
    Timestamp::from_millis(days * DAY_MS)
}

fn credential() -> Credential {
    let belonging = Belonging {
        organization: OrganizationId::from_u128(1),
        workspace: WorkspaceId::from_u128(1),
        owner: UserId::from_u128(1),
    };
    let policy = Policy {
        service: "http".into(),
        auth_type: AuthType::Bearer,
        allowed_hosts: Vec::new(),
        parameters: serde_json::Map::new(),
    };
    Credential::new(CredentialId::from_u128(1), belonging, "Key", Scope::Workspace, policy, day(0))
}

/// Runs the sweep each day and tells what was due on which.
fn days_of(mut credential: Credential, age: Option<u32>, until: i64) -> Vec<(i64, Step)> {
    let mut told = Vec::new();
    for today in 0..=until {
        if credential.due_at().is_none_or(|at| at > day(today)) {
            continue;
        }
        credential.set_maximum_age(age);
        for step in credential.steps(day(today)) {
            told.push((today, step));
            credential.note_step(step, day(today));
        }
        assert!(credential.due_at().is_none_or(|at| at > day(today)), "the sweep would never rest");
    }
    told
}

#[test]
fn an_end_is_warned_of_a_week_and_a_day_before_and_told_once() {
    let ends = Credential { expires_at: Some(day(30)), ..credential() };
    assert_eq!(days_of(ends, None, 60), [(23, Step::EndsSoon), (29, Step::EndsSoon), (30, Step::Ended)]);
}

#[test]
fn what_ends_within_a_week_is_warned_of_a_day_before_alone() {
    let ends = Credential { secret_ends_at: Some(day(5)), ..credential() };
    assert_eq!(days_of(ends, None, 60), [(4, Step::EndsSoon), (5, Step::Ended)]);
}

#[test]
fn the_earliest_of_three_ends_counts() {
    let ends = Credential { expires_at: Some(day(40)), secret_ends_at: Some(day(50)), ..credential() };
    assert_eq!(days_of(ends.clone(), Some(20), 60).last(), Some(&(20, Step::Ended)));
    let mut aged = ends;
    aged.set_maximum_age(Some(20));
    assert_eq!(aged.end(), Some((day(20), EndReason::Age)));
    assert_eq!((aged.status_at(day(19)), aged.status_at(day(20))), (Status::Active, Status::Expired));
    // A new secret begins a new age.
    aged.secret_changed_at = day(10);
    assert_eq!(aged.end(), Some((day(40), EndReason::Owner)));
    aged.set_maximum_age(Some(20));
    assert_eq!(aged.end(), Some((day(30), EndReason::Age)));
    aged.set_maximum_age(None);
    assert_eq!(aged.end(), Some((day(40), EndReason::Owner)));
}

#[test]
fn an_end_that_was_moved_is_told_again() {
    let mut ends = Credential { expires_at: Some(day(2)), ..credential() };
    ends.set_maximum_age(None);
    ends.note_step(Step::Ended, day(2));
    assert_eq!(ends.due_at(), None);
    ends.expires_at = Some(day(9));
    assert_eq!(ends.steps(day(9)), [Step::Ended]);
}

#[test]
fn a_rotation_is_reminded_of_each_week_until_it_is_done() {
    let rotates = Credential { rotate_every_days: Some(10), ..credential() };
    let reminders = [10, 17, 24].map(|day| (day, Step::RotationDue));
    assert_eq!(days_of(rotates.clone(), None, 30), reminders);
    let mut rotated = rotates;
    rotated.lifecycle.reminded_at = Some(day(10));
    rotated.secret_changed_at = day(11);
    assert_eq!(rotated.steps(day(20)), []);
    assert_eq!(rotated.steps(day(21)), [Step::RotationDue]);
}

#[test]
fn a_former_secret_is_over_with_its_grace_and_a_revoked_credential_rests() {
    let mut rotated = credential();
    rotated.former = Some(Former {
        policy: rotated.policy.clone(),
        secret_fields: Vec::new(),
        account: None,
        expires_at: None,
        secret_ends_at: None,
        secret_revision: 1,
        secret_changed_at: day(0),
        kept_until: day(3),
    });
    assert!(rotated.former_at(day(2)).is_some() && rotated.former_at(day(3)).is_none());
    assert_eq!(days_of(rotated.clone(), None, 10), [(3, Step::FormerOver)]);
    rotated.status = Status::Revoked;
    assert_eq!(rotated.due_at(), None);
}
