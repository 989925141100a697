//! The suite that every adapter must pass unchanged.
//!
//! Each case is a function that is given an empty store. [`contract_suite!`](crate::contract_suite) makes a test
//! of each, so that an adapter cannot leave one out:
//!
//! ```ignore
//! async fn empty() -> (Arc<dyn Store>, impl Sized) { /* the store, and what must outlive it */ }
//! flero_store::contract_suite!(super::empty); // as seen from a module inside this one
//! ```
//!
//! Nothing here may ask for what only one database can do. A case that is not listed below is dead code, and the
//! compiler says so.

// A suite reports by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::too_many_lines)]

mod cases;
pub mod sample;

macro_rules! suite {
    ($dollar:tt $($module:ident { $($case:ident,)* })*) => {
        $(
            #[doc = concat!("The cases about ", stringify!($module), ".")]
            pub mod $module {
                use std::sync::Arc;

                use super::cases::$module as cases;
                use crate::Store;

                $(
                    #[doc = concat!("Case: ", stringify!($case), ".")]
                    pub async fn $case(store: Arc<dyn Store>) {
                        cases::$case(super::sample::World::new(store)).await;
                    }
                )*
            }
        )*

        /// Makes a test of each case. Takes an async function that gives an empty store and something that is
        /// kept until the case has ended, for example a folder.
        #[macro_export]
        macro_rules! contract_suite {
            ($dollar open:path) => {
                $(
                    mod $module {
                        $(
                            #[tokio::test]
                            async fn $case() {
                                let (store, _kept) = $dollar open().await;
                                $crate::contract::$module::$case(store).await;
                            }
                        )*
                    }
                )*
            };
        }
    };
}

suite! { $
    people {
        the_first_owner_is_made_once_with_everything_that_is_theirs,
        of_two_first_owners_at_once_one_is_made,
        a_membership_of_another_workspace_is_not_found,
        the_retention_of_a_workspace_is_set_on_the_record,
        the_installation_is_paused_and_resumed_on_the_record,
        an_archived_workspace_stops_what_runs_in_it,
    }
    sessions {
        a_session_is_found_by_its_hash_until_it_is_renewed_or_ended,
        attempts_at_once_do_not_exceed_their_limit,
        an_invitation_is_accepted_once,
        the_last_owner_stays_and_a_leaver_takes_personal_credentials_out_of_use,
        whoever_departs_leaves_an_identifier_alone,
    }
    mfa {
        a_shared_secret_is_confirmed_replaced_and_removed,
        a_step_is_used_once_and_no_earlier_one_after_it,
        a_recovery_code_is_used_once_by_its_person,
        a_passkey_is_one_persons_and_its_uses_are_in_a_row,
        a_challenge_is_taken_once_and_before_its_end,
        a_policy_that_requires_a_factor_keeps_the_last_one,
    }
    api_keys {
        a_key_is_found_by_its_hash_and_only_in_its_own_workspace,
        a_hash_that_is_taken_is_refused_as_a_whole,
        keys_are_listed_newest_first_and_by_their_creator,
        a_revoked_key_stays_revoked_since_the_first_time,
        of_two_uses_the_later_time_wins,
    }
    variables {
        variables_begin_empty_at_revision_zero,
        a_write_that_expects_another_revision_changes_nothing,
        each_workspace_has_its_own_variables,
    }
    connectors {
        a_connector_is_kept_replaced_and_removed_on_the_record,
        each_workspace_has_its_own_connectors,
    }
    marketplace {
        a_registry_is_added_once_and_removed_on_the_record,
        an_install_keeps_the_version_before_and_gives_it_back_once,
        an_install_that_expects_another_version_changes_nothing,
        what_replaces_or_removes_a_connector_forgets_where_it_came_from,
    }
    slots {
        the_key_ceremony_is_held_once_and_needs_a_slot,
        slots_come_back_as_they_were_written_oldest_first,
        a_change_from_another_generation_is_a_conflict,
        the_last_slot_cannot_be_removed,
        of_two_removals_at_once_one_slot_is_left,
        there_are_at_most_eight_slots,
        a_root_key_is_exchanged_everywhere_or_nowhere,
    }
    scope_keys {
        the_first_version_may_be_active_and_a_later_one_begins_as_pre,
        a_version_that_is_there_is_taken_and_a_stale_generation_is_a_conflict,
        of_two_first_versions_at_once_one_is_made,
        activation_moves_the_former_version_to_decrypt,
        states_are_passed_in_order_only,
        a_version_is_destroyed_only_when_no_secret_refers_to_it,
        a_secret_under_a_version_that_is_not_in_use_is_refused,
        every_change_of_the_keys_moves_the_generation,
        processes_report_and_are_forgotten,
    }
    scope_requests {
        a_request_is_open_once_and_ends_once,
        an_approval_changes_the_credential_or_nothing,
        requests_are_seen_by_their_asker_and_by_who_decides,
    }
    rewrap {
        a_rewrap_replaces_the_blob_and_nothing_else,
        a_rewrap_loses_to_a_write_in_between,
        a_rewrap_under_a_version_that_is_not_in_use_is_refused_as_a_whole,
        sealed_secrets_are_walked_in_order_of_their_addresses,
    }
    credentials {
        a_credential_comes_back_as_it_was_written_with_its_secret,
        an_id_that_is_taken_is_refused,
        a_change_from_an_old_revision_is_a_conflict_and_changes_nothing,
        a_secret_is_replaced_by_a_higher_revision_only,
        a_change_writes_and_destroys_secrets_in_one_transaction,
        a_status_is_noted_only_for_the_secret_that_was_used,
        a_revoked_credential_is_not_brought_back_by_a_use,
        the_last_use_is_the_latest_and_an_edit_does_not_take_it_back,
        deletion_destroys_every_secret_of_the_credential,
        secrets_whose_grace_has_passed_are_destroyed,
        what_time_does_to_a_credential_is_noted_once_and_never_over_an_edit,
    }
    credential_lists {
        a_reader_sees_only_what_is_theirs_to_see,
        filters_narrow_the_list,
        pages_neither_repeat_nor_lose_what_was_there_at_the_start,
        a_cursor_of_another_list_is_refused,
        usage_names_workflows_by_their_current_and_active_versions,
        the_last_executions_of_a_credential_are_newest_first,
    }
    oauth {
        a_lease_is_given_to_one_and_its_commit_moves_the_revision,
        a_lease_that_has_passed_is_taken_over_and_its_holder_has_lost,
        a_failed_refresh_rests_and_says_what_it_means,
        a_token_that_may_be_spent_stays_so_until_the_next_set,
        a_revoked_or_deleted_credential_takes_no_tokens,
        an_attempt_is_taken_once_and_before_its_end,
        an_attempt_is_saved_once_with_its_credential,
        a_revocation_is_taken_by_one_and_comes_again_until_it_is_finished,
        tokens_follow_an_edit_of_their_credential,
    }
    oauth_apps {
        an_app_comes_back_as_it_was_written_and_is_shared_at_its_level,
        of_two_changes_of_an_app_one_is_kept,
        an_app_that_a_credential_needs_stays,
        the_apps_of_a_workspace_go_with_it,
    }
    identity {
        a_provider_comes_back_as_it_was_written_with_its_secret,
        an_openid_attempt_is_taken_once_and_before_its_end,
        an_identity_opens_one_account_and_the_last_one_stays,
        a_source_changes_what_it_gave_and_nothing_else,
        what_groups_are_given_is_replaced_whole,
    }
    scim {
        people_of_a_directory_are_found_and_changed_in_a_row,
        somebody_who_is_deactivated_is_a_member_of_nothing_and_may_come_back,
        groups_give_what_they_are_given,
    }
    workflows {
        a_workflow_comes_back_as_it_was_written,
        a_workflow_of_another_workspace_is_not_found,
        every_save_is_the_next_version,
        of_two_saves_from_one_revision_one_is_kept,
        activation_arms_and_disarming_frees_the_path,
        a_webhook_path_belongs_to_one_active_workflow,
        the_webhook_path_of_a_paused_workflow_is_kept_for_its_workspace,
        a_workflow_becomes_active_by_activation_only,
        lists_are_filtered_and_last_changed_first,
        deletion_takes_versions_runs_and_references_along,
        only_what_was_archived_long_ago_is_purged,
    }
    executions {
        a_run_comes_back_as_it_was_accepted,
        a_run_of_a_workflow_that_is_not_there_is_refused,
        a_run_is_not_found_in_another_workspace,
        an_idempotency_key_accepts_one_run_even_at_once,
        a_transition_is_appended_at_its_place_only,
        a_process_that_lost_its_run_cannot_append,
        a_run_that_has_ended_takes_no_more_transitions,
        a_discarded_run_leaves_its_audit_records_alone,
        every_trigger_status_and_error_is_kept,
        many_runs_at_once_keep_their_own_journals,
    }
    execution_lists {
        runs_are_listed_newest_first_and_filtered,
        pages_of_runs_hold_while_runs_are_accepted,
        orphans_are_given_to_one_caller_each,
        runs_of_a_living_process_are_nobodys_orphans,
        runs_are_woken_in_the_order_of_their_times,
        a_cancel_is_noted_with_who_asked_and_names_the_process,
        retention_deletes_by_age_and_by_count_but_never_what_goes_on,
    }
    schedules {
        due_schedules_come_earliest_first,
        a_fire_happens_once_and_accepts_its_run_with_it,
        a_fire_whose_run_is_refused_stays_due,
        a_disarmed_schedule_does_not_fire,
    }
    events {
        activation_arms_a_subscription_and_the_same_event_keeps_it,
        a_claim_is_one_callers_and_the_next_one_has_another_fence,
        a_registration_goes_on_under_another_id_and_is_removed_when_unwanted,
        what_a_person_entered_outlives_a_pause,
        a_delivery_is_accepted_once,
        a_poll_is_committed_whole_or_not_at_all,
        the_oldest_deliveries_are_forgotten_first,
    }
    notifications {
        an_event_is_noted_with_its_act_and_filed_by_one,
        a_run_that_fails_is_an_event_and_one_that_succeeds_is_none,
        what_was_not_read_is_joined_within_its_time_and_never_mailed_twice,
        a_delivery_is_taken_by_one_and_comes_again_until_it_is_finished,
        frequencies_are_kept_for_each_person,
        an_endpoint_goes_with_its_secret_and_what_waits_for_it,
    }
    audit {
        records_come_back_as_they_were_written,
        the_chain_is_unbroken_under_concurrency_and_failed_acts,
        a_failed_act_leaves_no_record_and_a_failed_record_no_act,
        records_are_filtered_by_credential_actor_and_action,
        pages_of_records_hold_while_records_are_appended,
        a_page_has_one_to_200_records_whatever_is_asked_for,
        each_workspace_has_a_chain_of_its_own,
        checkpoints_are_kept_as_they_were_first_written,
        the_greatest_audited_revision_of_each_secret_is_told,
        the_uses_of_a_credential_and_the_keys_among_them_are_told,
    }
}
