// Owns the version store as a thing: opening it, its people, and telling listeners what a commit changed.
// Knows no rule of any operation; those are in rules/.
import type { Kysely } from 'kysely';
import type { PeopleFile } from '../../domain/people.ts';
import { newestVersion } from '../../domain/workflow-version.ts';
import type { WorkflowVersion } from '../../domain/workflow-version.ts';
import { openSqlite } from './dialect.ts';
import { migrate } from './migrations.ts';
import { upsertPeople } from './people.ts';
import type { Schema } from './schema.ts';
import { write } from './writing.ts';

/** The open store. Everything that writes goes through `write` of writing.ts, which calls `committed`. */
export interface Store {
  db: Kysely<Schema>;
  /** Tells which feeds got rows, after the commit. Returns the function that stops it. */
  onCommit(listener: (feeds: string[]) => void): () => void;
  committed(feeds: string[]): void;
  /** News go out by e-mail too: whoever has an address gets a mail that is due. */
  readonly mailsOut: boolean;
  /** Size in bytes of a file that was handed in whole, by its SHA-256; null while it is not here. */
  readonly sizeOfFile: (fileHash: string) => Promise<number | null>;
  /** The version of the workflow that new reports begin with. */
  readonly beginsAs: WorkflowVersion;
  close(): Promise<void>;
}

/** How to open the store. */
export interface StoreOptions {
  file: string;
  mailsOut?: boolean;
  /** Without it no file counts as handed in, so that no document is taken. */
  sizeOfFile?: Store['sizeOfFile'];
  /** The newest by default. */
  beginsAs?: WorkflowVersion;
}

/**
 * Opens the store, made if absent, brought to this program's schema.
 * @throws Error when a migration fails, when the file is from a newer program, or when it is no database.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { db, close } = openSqlite(options.file);
  try {
    await migrate(db);
  } catch (error) {
    await close();
    throw error;
  }
  const listeners = new Set<(feeds: string[]) => void>();
  return {
    db,
    close,
    mailsOut: options.mailsOut ?? false,
    sizeOfFile: options.sizeOfFile ?? (() => Promise.resolve(null)),
    beginsAs: options.beginsAs ?? newestVersion,
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    committed(feeds) {
      for (const listener of listeners) listener(feeds);
    },
  };
}

/**
 * Makes the people file the truth about who exists: adds and changes persons, approves waiting devices whose keys are
 * listed, and bars persons who are no longer in it. Doing it twice changes nothing.
 */
export async function loadPeople(
  store: Store,
  people: PeopleFile,
  clock: () => string = () => new Date().toISOString(),
): Promise<void> {
  await write(store, clock(), (writing) => upsertPeople(writing, people));
}
