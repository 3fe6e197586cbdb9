// Owns the flags of `npm start` and which host they lead to. Pure: what the machine has is passed in.
import { parseArgs } from 'node:util';

export interface StartOptions {
  /** null: decided by what the machine has. */
  host: 'electron' | 'browser' | null;
  open: boolean;
  port: number;
  data: string | undefined;
  profile: string | null;
  dev: boolean;
}

export type ReadStartOptions =
  { kind: 'start'; options: StartOptions } | { kind: 'help' } | { kind: 'wrong'; message: string };

export const startUsage = `npm start -- [options]

  --host electron|browser  the window, or an ordinary browser (default: the window where there is a display)
  --no-open                do not open a browser by itself
  --port N                 port of the browser host (default: a free one)
  --data DIR               data folder (default: COUNTERSIGN_DATA, else the platform's place)
  --profile NAME           open this profile
  --dev                    build the page again whenever its sources change
  --help                   this text

The worker that is started here takes from the environment, where it is set:
  COUNTERSIGN_LLM_URL, COUNTERSIGN_LLM_MODEL, COUNTERSIGN_LLM_KEY   a model that recommends samples (an OpenAI-compatible address)
  COUNTERSIGN_SMTP_URL, COUNTERSIGN_MAIL_FROM                       a server that takes e-mail, and its sender
`;

/** Reads the command line (without node and program). */
export function readStartOptions(args: readonly string[]): ReadStartOptions {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) };
  }
  if (values.help) return { kind: 'help' };
  const { host, port: portText = '0' } = values;
  if (host !== undefined && host !== 'electron' && host !== 'browser') {
    return { kind: 'wrong', message: `--host is electron or browser, not ${JSON.stringify(host)}` };
  }
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port > 65_535) {
    return { kind: 'wrong', message: `--port is a number from 0 to 65535, not ${JSON.stringify(portText)}` };
  }
  if (values.data === '') return { kind: 'wrong', message: '--data needs a folder' };
  const { data, profile = null, dev = false } = values;
  return { kind: 'start', options: { host: host ?? null, open: !values['no-open'], port, data, profile, dev } };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    strict: true,
    options: {
      host: { type: 'string' },
      'no-open': { type: 'boolean' },
      port: { type: 'string' },
      data: { type: 'string' },
      profile: { type: 'string' },
      dev: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}

/** Whether windows can be shown here. Only Linux tells it by its environment. */
export function hasDisplay(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): boolean {
  if (platform === 'darwin' || platform === 'win32') return true;
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}

/** The program and arguments that open an address in the system's browser. */
export function openerOf(platform: NodeJS.Platform, url: string): { file: string; args: string[] } {
  if (platform === 'darwin') return { file: 'open', args: [url] };
  if (platform === 'win32') return { file: 'rundll32', args: ['url.dll,FileProtocolHandler', url] };
  return { file: 'xdg-open', args: [url] };
}
