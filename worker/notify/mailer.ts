// Owns how one e-mail leaves: the interface, and SMTP behind it. Knows neither notifications nor the store.
import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { MailConfig } from '../../domain/worker-config.ts';

/** One e-mail to one person. */
export interface Mail {
  /** What it is about: the same mail sent again has the same key, and so the same Message-ID. */
  key: string;
  to: { name: string; address: string };
  subject: string;
  /** Plain text. */
  text: string;
}

export interface Mailer {
  /** Resolves when the server took the mail. @throws MailFailure when it did not. */
  send(mail: Mail): Promise<void>;
  /** Ends open connections. */
  close(): void;
}

/** Why a mail did not leave, for a person. `isServer`: the server itself is the trouble, so the next mail fails alike. */
export class MailFailure extends Error {
  readonly isServer: boolean;

  constructor(message: string, isServer: boolean) {
    super(message);
    this.isServer = isServer;
  }
}

const limits = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };
/** Of the one mail; everything else that can go wrong is of the connection, the login or the settings. */
const faultsOfOneMail: readonly string[] = ['EENVELOPE', 'EMESSAGE', 'EMAXRECIPIENTS'];
const subjectLimit = 200;

/** Mail by SMTP. Nothing is connected before the first mail. */
export function openMailer({ url, from }: MailConfig): Mailer {
  const { username, hostname, host } = new URL(url);
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  const transport = createTransport({
    ...limits,
    url,
    // A password does not leave the machine unencrypted, unless the address says so (`?requireTLS=false`).
    requireTLS: username !== '' && !isHere,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(mail) {
      try {
        await transport.sendMail({
          from,
          to: mail.to,
          subject: subjectOf(mail.subject),
          text: mail.text,
          messageId: messageIdOf(mail.key, from),
          // Nobody's out-of-office answer is wanted.
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        throw failureOf(error, host);
      }
    },
    close: () => transport.close(),
  };
}

/** The same for the same key, so that whoever gets a mail twice can tell: `<hash@domain of the sender>`. */
export function messageIdOf(key: string, from: string): string {
  const domain = /@([^@>\s]+)>?\s*$/u.exec(from)?.[1] ?? 'countersign.invalid';
  return `<${createHash('sha256').update(key).digest('hex').slice(0, 32)}@${domain}>`;
}

function subjectOf(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  return line.length > subjectLimit ? `${line.slice(0, subjectLimit - 1)}…` : line;
}

/** The address of the server is said, its credential is not. */
function failureOf(error: unknown, host: string): MailFailure {
  const { code, response } = error as { code?: unknown; response?: unknown };
  const why = typeof response === 'string' ? response : error instanceof Error ? error.message : String(error);
  const isServer = typeof code !== 'string' || !faultsOfOneMail.includes(code);
  return new MailFailure(
    isServer ? `the mail server ${host} did not take it: ${why}` : `it was refused: ${why}`,
    isServer,
  );
}
