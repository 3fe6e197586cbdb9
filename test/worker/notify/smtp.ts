// A real SMTP server on loopback for tests: it keeps what it took, and refuses what a test wants refused.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';

export interface TestSmtp {
  port: number;
  /** Whole mails as they came, oldest first. */
  taken: string[];
  close(): Promise<void>;
}

/** @param options.port a free one when it is left out. */
export async function openSmtp(options: SMTPServerOptions & { port?: number } = {}): Promise<TestSmtp> {
  const { port = 0, ...others } = options;
  const taken: string[] = [];
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'] },
    onData(stream, _session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        taken.push(Buffer.concat(parts).toString());
        done();
      });
    },
    ...others,
  });
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    taken,
    close: () => new Promise((done) => server.close(() => done())),
  };
}

/** One line of a mail's head. */
export function headOf(mail: string, name: string): string | undefined {
  const [head = ''] = mail.split('\r\n\r\n');
  return new RegExp(`^${name}: (.*)$`, 'imu').exec(head)?.[1]?.trim();
}
