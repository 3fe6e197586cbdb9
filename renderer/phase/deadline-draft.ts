// Owns a deadline as it is typed: days as texts, a day with its time. Pure.
const daySeconds = 86_400;

/** A typed number of days in whole seconds ("2", "0.5", "1,5"); null when it is none, or not more than zero unless zero is allowed. */
export function secondsOf(days: string, mayBeZero = false): number | null {
  const clean = days.trim().replace(',', '.');
  if (!/^\d{1,3}(\.\d{1,6})?$/.test(clean)) return null;
  const seconds = Math.round(Number(clean) * daySeconds);
  return seconds > 0 || mayBeZero ? seconds : null;
}

/** A local day and time (`2026-11-27T18:00`, as such a field has it) as ISO-8601 UTC; null when it is none. */
export function instantOf(local: string): string | null {
  const at = new Date(local);
  return local === '' || Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** An instant as the field for a local day and time takes it; empty for null. */
export function localOf(iso: string | null): string {
  if (iso === null) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Why a deadline cannot be set as it is typed, or null. Times in milliseconds and ISO-8601. */
export function whyNotDue(dueAt: string | null, remindSeconds: number | null, now: number): string | null {
  if (dueAt === null) return 'Choose a day and a time';
  if (Date.parse(dueAt) <= now) return 'This time is over already: choose a later one';
  if (remindSeconds === null) return 'The reminder is a number of days, such as 1 or 0.5; 0 for none';
  return Date.parse(dueAt) - remindSeconds * 1_000 <= now && remindSeconds > 0
    ? 'The reminder would be over already: shorten it, or set it to 0'
    : null;
}
