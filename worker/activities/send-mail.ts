// Owns the activity that sends a report's notifications by e-mail: each once as far as one can know, and on record how that ended.
import { dueMails, mailFailed, mailSent } from '../store/notifications.ts';
import type { DueMail } from '../store/notifications.ts';
import { MailFailure } from '../notify/mailer.ts';
import type { ActivityDeps } from './create-activities.ts';

/** A mail that will not go out. */
export interface FailedMail {
  notificationId: string;
  personId: string;
  reason: string;
}

/** The most mails of one activity; the others are due again afterwards. */
const mailsPerCall = 50;

/** The notifications of a report that are to go out, oldest first. */
export async function dueMailIds({ store }: Pick<ActivityDeps, 'store'>, reportId: string): Promise<string[]> {
  const due = await dueMails(store.db, reportId);
  return due.slice(0, mailsPerCall).map(({ notification }) => notification.notificationId);
}

/**
 * Sends those of the named notifications that are still due. A mail that was taken is recorded at once, so that a repetition leaves it
 * out. @returns those that failed for good: nobody can be written to, or it was the last attempt.
 * @throws Error when some failed and another attempt follows.
 */
export async function sendDueMails(
  deps: Pick<ActivityDeps, 'store' | 'clock' | 'mailer'>,
  reportId: string,
  notificationIds: readonly string[],
  isLastAttempt: boolean,
): Promise<FailedMail[]> {
  const named = new Set(notificationIds);
  const due = await dueMails(deps.store.db, reportId);
  const failed: FailedMail[] = [];
  let reason: string | null = null;
  let serverTrouble: string | null = null;
  for (const mail of due.filter(({ notification }) => named.has(notification.notificationId))) {
    const outcome: Sending =
      serverTrouble === null ? await sendOne(deps, mail) : { kind: 'failed', reason: serverTrouble };
    if (outcome.kind === 'sent') continue;
    if (outcome.kind === 'failed' && outcome.isServer) serverTrouble = outcome.reason;
    if (outcome.kind === 'hopeless' || isLastAttempt) failed.push(await giveUp(deps, mail, outcome.reason));
    else reason = outcome.reason;
  }
  if (reason !== null) throw new Error(reason);
  return failed;
}

type Sending =
  | { kind: 'sent' }
  | { kind: 'failed'; reason: string; isServer?: boolean }
  /** Nothing to try again. */
  | { kind: 'hopeless'; reason: string };

async function sendOne(
  { store, clock, mailer }: Pick<ActivityDeps, 'store' | 'clock' | 'mailer'>,
  due: DueMail,
): Promise<Sending> {
  const { notification, to, reportName } = due;
  const { address, name } = to;
  if (address === null) return { kind: 'hopeless', reason: `${name} has no e-mail address any more` };
  if (!mailer) return { kind: 'hopeless', reason: 'this worker has no mail server configured any more' };
  try {
    const { notificationId: key, text } = notification;
    await mailer.send({ key, to: { name, address }, subject: `${reportName}: ${text}`, text: bodyOf(due) });
  } catch (error) {
    if (!(error instanceof MailFailure)) throw error;
    return { kind: 'failed', reason: error.message, isServer: error.isServer };
  }
  await mailSent(store, notification.notificationId, clock);
  return { kind: 'sent' };
}

async function giveUp(
  { store, clock }: Pick<ActivityDeps, 'store' | 'clock'>,
  { notification }: DueMail,
  reason: string,
): Promise<FailedMail> {
  const { notificationId, personId } = notification;
  await mailFailed(store, notificationId, reason, clock);
  return { notificationId, personId, reason };
}

function bodyOf({ notification, to, reportName }: DueMail): string {
  return [
    `${to.name},`,
    '',
    notification.text,
    '',
    `Report: ${reportName}`,
    `Time: ${notification.at}`,
    '',
    'Open Countersign to act on it. Nobody reads answers to this mail.',
    '',
  ].join('\n');
}
