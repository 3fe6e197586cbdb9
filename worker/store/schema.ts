// Owns the names and types of the store's columns. Times are ISO-8601 UTC texts, flags 0 or 1, `*_text` columns are JSON.
// Knows no rule; each table is translated to the domain's words in one place (…-rows.ts).
import type { AuditPhase } from '../../domain/audit-record.ts';
import type { ReasonCode, Verdict } from '../../domain/decision.ts';
import type { CompensationState } from '../../domain/compensation.ts';
import type { ReceiptState } from '../../domain/operation.ts';
import type { DeviceStatus, Role } from '../../domain/people.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { TrackingKind } from '../../domain/tracking.ts';
import type { ReviewVerdict, VersionStatus } from '../../domain/version.ts';
import type { WorkflowVersion } from '../../domain/workflow-version.ts';

export interface Schema {
  people: { person_id: string; name: string; roles_text: string; email: string | null; active: number };
  /** Public keys that the people file approves beforehand. */
  listed_keys: { public_key: string; person_id: string };
  devices: {
    device_id: string;
    person_id: string;
    label: string;
    public_key: string;
    status: DeviceStatus;
    enrolled_at: string;
    decided_by: string | null;
    decided_at: string | null;
    /** Highest sequence of an operation, and of a pull, that was accepted. */
    operation_sequence: number;
    pull_sequence: number;
  };
  cycles: { cycle_id: string; name: string; started_by: string; started_at: string };
  reports: {
    report_id: string;
    cycle_id: string;
    position: number;
    name: string;
    due_at: string | null;
    redraws: number;
    phases_text: string;
    ledger_length: number;
    ledger_hash: string;
    /** When its workflow ended for good; null while it takes operations. */
    ended_at: string | null;
    end_reason: string | null;
    paused_at: string | null;
    pause_reason: string | null;
    problem: string | null;
    lob_source_text: string | null;
    lobs_text: string;
    /** The lines of business are recorded and are not read from the population any more. */
    lobs_named: number;
    skips_text: string;
    deadlines_text: string;
    /** Grows with each change of what `FlowState` is made of. */
    flow_revision: number;
    workflow_version: WorkflowVersion;
    /** The version that a test manager wants it moved to, and who. */
    moves_to: WorkflowVersion | null;
    moves_by: string | null;
  };
  assignments: { report_id: string; person_id: string; role: Role };
  feeds: { feed: string; head: number };
  changes: { feed: string; sequence: number; audience: string | null; kind: string; body_text: string };
  populations: {
    report_id: string;
    population_hash: string;
    file_name: string;
    file_size: number;
    key_column: string | null;
    imported_by: string;
    imported_at: string;
    operation_id: string;
    state_text: string;
  };
  plans: { plan_id: string; report_id: string; recorded_by: string; plan_text: string; version_id: string | null };
  versions: {
    version_id: string;
    cycle_id: string;
    report_id: string;
    phase: PhaseSlug;
    /** '' for a version of the whole report, so that the unique number holds for those too. */
    lob: string;
    number: number;
    status: VersionStatus;
    review_verdict: ReviewVerdict | null;
    parent_version_id: string | null;
    master_record_id: string;
    revision: number;
    author_id: string;
    created_at: string;
    reviewed_by: string | null;
    reviewed_at: string | null;
    review_note: string | null;
    item_count: number;
    pending_count: number;
    approved_count: number;
    /** Disputed ones included. */
    rejected_count: number;
    disputed_count: number;
    summary_text: string;
    workflow_text: string;
    plan_id: string | null;
    operation_id: string;
    idempotency_key: string;
  };
  bodies: { content_hash: string; body_text: string };
  items: {
    version_id: string;
    position: number;
    item_key: string;
    content_hash: string;
    source_text: string;
    origin_text: string;
  };
  /** Every decision that was ever applied. A carried one keeps its operation and its times under the new version. */
  decisions: {
    version_id: string;
    item_key: string;
    operation_id: string;
    verdict: Verdict;
    reason_code: ReasonCode | null;
    note: string;
    actor_id: string;
    decided_at: string;
    received_at: string;
    applied_at: string;
  };
  /** The decision that counts now, per decided item. */
  verdicts: { version_id: string; item_key: string; verdict: Verdict; operation_id: string };
  operations: {
    operation_id: string;
    kind: string;
    actor_id: string;
    device_id: string;
    sequence: number;
    target: string;
    report_id: string | null;
    body_text: string;
    signature: string;
    decided_at: string | null;
    received_at: string;
    applied_at: string;
    state: ReceiptState;
    follow_ups_text: string;
    follow_up_done_at: string | null;
    /** The compensation that holds its follow-up until a person settles it. */
    held_by: string | null;
  };
  receipts: { operation_id: string; receipt_text: string };
  ledger: {
    report_id: string;
    sequence: number;
    entry_key: string;
    kind: string;
    actor_id: string;
    device_id: string | null;
    operation_id: string | null;
    version_id: string | null;
    summary: string;
    detail_text: string;
    decided_at: string | null;
    received_at: string;
    applied_at: string;
    previous_hash: string;
    hash: string;
  };
  dead_letters: {
    dead_letter_id: string;
    target: string;
    received_at: string;
    message: string;
    raw_text: string;
  };
  version_operations: {
    operation_key: string;
    report_id: string;
    version_id: string | null;
    operation: 'create' | 'approve' | 'reject' | 'revise';
    actor_id: string;
    started_at: string;
    completed_at: string | null;
    error: string | null;
  };
  /** Every revision of every record of the audit-only phases. */
  records: {
    report_id: string;
    phase: AuditPhase;
    /** '' in data owner identification. */
    lob: string;
    record_key: string;
    revision: number;
    is_latest: number;
    body_text: string;
    reason: string;
    actor_id: string;
    operation_id: string;
    decided_at: string;
    received_at: string;
    applied_at: string;
  };
  sign_offs: {
    version_id: string;
    role: Role;
    actor_id: string;
    meaning: 'reviewed' | 'acknowledged';
    note: string;
    items_hash: string;
    operation_id: string;
    decided_at: string;
    applied_at: string;
    voided_at: string | null;
  };
  recommendations: { recommendation_id: string; report_id: string; recommendation_text: string };
  notifications: {
    /** Says what it is about, so that the same news is never told twice. */
    notification_id: string;
    report_id: string;
    person_id: string;
    notification_text: string;
    created_at: string;
    /** `none`: shown in the application only. */
    mail_state: 'none' | 'due' | 'sent' | 'failed';
    mail_error: string | null;
  };
  /** Steps that failed for good, and what was done about each (domain/compensation.ts). */
  compensations: {
    compensation_id: string;
    report_id: string;
    phase: PhaseSlug;
    lob: string | null;
    operation_id: string | null;
    state: CompensationState;
    /** Its proposal is not made: it waits for a person, or people go on without it. */
    holds_proposal: number;
    compensation_text: string;
  };
  /** What is tracked of workflows (domain/tracking.ts); each entry as it is now. */
  tracking: {
    report_id: string;
    tracking_key: string;
    kind: TrackingKind;
    at: string;
    entry_text: string;
    /** 0: the feed does not have it yet as it is now. */
    told: number;
  };
}
