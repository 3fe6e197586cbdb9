// Owns where a worker's configuration comes from: a host's JSON line on stdin, or the environment of who starts it alone.
// Knows neither store nor Temporal's connection.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import envPaths from 'env-paths';
import { z } from 'zod';
import { peopleFileSchema, practicePeople } from '../domain/people.ts';
import type { PeopleFile } from '../domain/people.ts';
import { servicesFrom, workerConfigSchema } from '../domain/worker-config.ts';
import { isKnownVersion, newestVersion, workflowVersions } from '../domain/workflow-version.ts';
import type { WorkflowVersion } from '../domain/workflow-version.ts';
import type { MailConfig, ModelConfig } from '../domain/worker-config.ts';

/** Everything a worker needs to know. Folders are absolute paths. */
export interface WorkerSettings {
  connection: NativeConnectionOptions;
  namespace: string;
  dataDir: string;
  handoverDir: string | null;
  people: PeopleFile;
  /** Solo mode: every device is let in, the people are practice identities. */
  enrolAtOnce: boolean;
  /** Null: rules on the profile recommend samples. */
  model: ModelConfig | null;
  /** Null: notifications are shown in the application only. */
  mail: MailConfig | null;
  workflowBundleFile: string | null;
  /** The version of the workflow that new reports begin with: the newest, unless older workers still run beside this one. */
  beginsAs: WorkflowVersion;
}

/** What a person has to put right before the worker can start; the message says how. */
export class ConfigurationFault extends Error {}

const example = `{ "people": [
  { "personId": "mara", "name": "Mara Manager", "roles": ["test-manager"], "devices": ["PUBLIC KEY OF HER FIRST LAPTOP"] },
  { "personId": "tara", "name": "Tara Tester", "roles": ["tester"] },
  { "personId": "olga", "name": "Olga Owner", "roles": ["report-owner"] } ] }`;

export const usage = `countersign worker: runs the workflows of Countersign.

usage: npm run worker            takes its configuration from the environment:
  TEMPORAL_ADDRESS               host:port of Temporal (default 127.0.0.1:7233)
  TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS…, TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE
                                 as in every program of Temporal
  COUNTERSIGN_PEOPLE             the people file (required): who exists and what they may be
  COUNTERSIGN_WORKER_DATA        folder for the version store and populations
                                 (default ${envPaths('countersign', { suffix: '' }).data}/worker)
  COUNTERSIGN_SMTP_URL, COUNTERSIGN_MAIL_FROM
                                 e-mail: smtp://USER:PASSWORD@HOST:PORT (or smtps://) and the sender;
                                 without them notifications are shown in the application only
  COUNTERSIGN_LLM_URL, COUNTERSIGN_LLM_MODEL, COUNTERSIGN_LLM_KEY
                                 a model that recommends samples, behind an OpenAI-compatible address (https://HOST/v1);
                                 the key may be left out; without them rules on the profile recommend
  COUNTERSIGN_BEGIN_AS           the workflow version that new reports begin with (default ${newestVersion}): an older one
                                 as long as older workers run beside this one

       --supervised              takes one JSON line on stdin instead, from the application that started it
       --help                    this text

A people file:
${example}
`;

/** Reads the first line of stdin. @throws ConfigurationFault when it is no configuration. */
export async function settingsFromHost(stdin: Readable): Promise<WorkerSettings> {
  const lines = createInterface({ input: stdin });
  const line = await new Promise<string | null>((done) => lines.once('line', done).once('close', () => done(null)));
  const config = workerConfigSchema.safeParse(jsonOf(line ?? '', 'the line on stdin'));
  if (!config.success) throw new ConfigurationFault(`the line on stdin is wrong:\n${z.prettifyError(config.error)}`);
  const { mode, address, namespace, dataDir, handoverDir, peopleFile, model, mail, workflowBundleFile } = config.data;
  if (mode === 'team' && !peopleFile) throw new ConfigurationFault('a team’s worker needs a people file');
  return {
    connection: { address },
    namespace,
    dataDir,
    handoverDir: handoverDir ?? null,
    people: peopleFile ? readPeople(peopleFile) : { people: practicePeople.map((person) => ({ ...person })) },
    enrolAtOnce: mode === 'solo',
    model: model ?? null,
    mail: mail ?? null,
    workflowBundleFile: workflowBundleFile ?? null,
    beginsAs: newestVersion,
  };
}

/** Reads the environment. @throws ConfigurationFault when something is missing or wrong. */
export function settingsFromEnvironment(env: NodeJS.ProcessEnv): WorkerSettings {
  const peopleFile = env['COUNTERSIGN_PEOPLE'];
  if (!peopleFile) {
    throw new ConfigurationFault(
      `COUNTERSIGN_PEOPLE has to name the people file: who exists and what they may be.\nAn example:\n${example}`,
    );
  }
  const people = readPeople(resolve(peopleFile));
  const { services, faults } = servicesFrom(env);
  if (faults.length > 0) throw new ConfigurationFault(faults.join('\n'));
  const { connectionOptions, namespace } = temporalFrom(env);
  const dataDir = env['COUNTERSIGN_WORKER_DATA'] ?? `${envPaths('countersign', { suffix: '' }).data}/worker`;
  return {
    connection: { ...connectionOptions, address: connectionOptions.address ?? '127.0.0.1:7233' },
    namespace: namespace ?? 'default',
    dataDir: resolve(dataDir),
    handoverDir: null,
    people,
    enrolAtOnce: false,
    model: services.model ?? null,
    mail: services.mail ?? null,
    workflowBundleFile: env['COUNTERSIGN_WORKFLOW_BUNDLE'] ?? null,
    beginsAs: beginsAsIn(env),
  };
}

function beginsAsIn(env: NodeJS.ProcessEnv): WorkflowVersion {
  const wanted = env['COUNTERSIGN_BEGIN_AS'] || newestVersion;
  if (isKnownVersion(wanted)) return wanted;
  throw new ConfigurationFault(`COUNTERSIGN_BEGIN_AS is ${wanted}: it has to be one of ${workflowVersions.join(', ')}`);
}

function temporalFrom(env: NodeJS.ProcessEnv): ReturnType<typeof loadClientConnectConfig> {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    throw new ConfigurationFault(`Temporal's configuration cannot be read: ${messageOf(error)}`);
  }
}

/** @throws ConfigurationFault with every fault of the file and an example. */
export function readPeople(file: string): PeopleFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigurationFault(`the people file cannot be read: ${messageOf(error)}\nAn example:\n${example}`);
  }
  const parsed = peopleFileSchema.safeParse(jsonOf(text, `the people file ${file}`));
  if (!parsed.success) {
    const faults = z.prettifyError(parsed.error);
    throw new ConfigurationFault(`the people file ${file} is wrong:\n${faults}\nAn example:\n${example}`);
  }
  return parsed.data;
}

function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigurationFault(`${what} is no JSON: ${messageOf(error)}\nAn example of a people file:\n${example}`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
