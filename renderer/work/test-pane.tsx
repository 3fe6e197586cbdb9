// Owns the pane of one test action: what was expected, what was found, the evidence, the result. The rules are the domain's.
import { Box, MenuItem, Stack, TextField, Typography } from '@mui/material';
import { useState } from 'react';
import { actionKey, actionProblems, sameValue } from '../../domain/audit-record.ts';
import type { TestResult } from '../../domain/audit-record.ts';
import type { CommandInput, DocumentRow, Failure, TestRow } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { bridge } from '../bridge.ts';
import { cell } from '../formats.ts';
import { FailurePanel } from '../notices.tsx';
import { NoteField } from '../review/note-field.tsx';
import { sizes } from '../theme.ts';
import { RecordHistory } from './record-history.tsx';
import { evidenceWords, foundWords, ResultMark } from './test-columns.tsx';

type Place = { reportId: string; lob: string };
type Action = CommandInput<'test:record'>['actions'][number];

/** What a person typed as found: a number where the expected value is one and it reads as one. */
export function foundValue(text: string, expected: TestRow['expected']): Action['found'] {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (typeof expected === 'number' && /^-?\d{1,15}(\.\d{1,15})?$/u.test(trimmed)) return Number(trimmed);
  if (typeof expected === 'boolean' && /^(true|false)$/iu.test(trimmed)) return trimmed.toLowerCase() === 'true';
  return trimmed;
}

interface FormState {
  found: string;
  /** Null until one is chosen. */
  documentId: string | null;
  locator: string;
  note: string;
  reason: string;
}

const text = (value: TestRow['found']): string => (value === null ? '' : String(value));

function Form({
  place,
  row,
  documents,
  done,
}: {
  place: Place;
  row: TestRow;
  documents: readonly DocumentRow[];
  done(): void;
}) {
  const [state, setState] = useState<FormState>({
    found: text(row.found),
    documentId: row.documentId,
    locator: row.locator,
    note: row.notTestableReason || row.note,
    reason: '',
  });
  const [failure, setFailure] = useState<Failure | null>(null);
  const set = (part: Partial<FormState>): void => setState({ ...state, ...part });
  const found = foundValue(state.found, row.expected);
  // The documents may come after the form: where there is one there is nothing to choose.
  const [only] = documents;
  const documentId = state.documentId ?? (documents.length === 1 && only ? only.documentId : '');

  const record = async (result: TestResult) => {
    const document = documents.find((one) => one.documentId === documentId);
    const testable = result !== 'not-testable';
    const action: Action = {
      itemKey: row.itemKey,
      attribute: row.attribute,
      found: testable ? found : null,
      result,
      notTestableReason: testable ? '' : state.note,
      evidence:
        testable && document
          ? { documentId: document.documentId, revision: document.revision, locator: state.locator }
          : null,
      note: testable ? state.note : '',
      reason: state.reason,
    };
    const [problem] = actionProblems({
      ...{ found: action.found, result, seenRevision: row.revision, reason: state.reason },
      notTestableReason: action.notTestableReason ?? '',
    });
    if (problem) return setFailure({ kind: 'bad-input', message: problem.message });
    const answer = await bridge().invoke('test:record', { ...place, actions: [action] });
    if (!answer.ok) return setFailure(answer.error);
    setFailure(null);
    done();
  };
  return (
    <Stack spacing={1.5}>
      <TextField
        label="Found in the evidence"
        value={state.found}
        onChange={(event) => set({ found: event.target.value })}
        helperText={
          state.found !== '' && !sameValue(row.expected, found) ? 'It differs from the expected value' : undefined
        }
      />
      <TextField
        select
        label="Document"
        value={documentId}
        onChange={(event) => set({ documentId: event.target.value })}
        helperText={documents.length === 0 ? 'No document of this line of business was accepted' : undefined}
      >
        {documents.map((one) => (
          <MenuItem key={one.documentId} value={one.documentId}>
            {one.title}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        label="Where in the document"
        value={state.locator}
        placeholder="page 3, row 12"
        onChange={(event) => set({ locator: event.target.value })}
      />
      <NoteField
        label="Note, or why it cannot be tested"
        value={state.note}
        change={(note) => set({ note })}
        problem={null}
      />
      {row.revision > 0 && (
        <NoteField
          label="Why the response changes"
          value={state.reason}
          change={(reason) => set({ reason })}
          problem={null}
        />
      )}
      {failure && <FailurePanel failure={failure} />}
      <Stack direction="row" sx={{ gap: 1, flexWrap: 'wrap' }}>
        <ActionButton group="Test action" showKey label="Pass" keys="p" run={() => void record('pass')} />
        <ActionButton group="Test action" showKey label="Fail" keys="f" run={() => void record('fail')} />
        <ActionButton
          group="Test action"
          showKey
          label="Not testable"
          keys="n"
          run={() => void record('not-testable')}
        />
      </Stack>
    </Stack>
  );
}

export function TestPane({
  place,
  row,
  documents,
  mayNot,
  done,
}: {
  place: Place;
  row: TestRow | undefined;
  documents: readonly DocumentRow[];
  /** Why nothing can be recorded now. */
  mayNot: string | null;
  done(): void;
}) {
  const [history, setHistory] = useState(false);
  return (
    <Box
      component="aside"
      aria-label="Test action"
      sx={{
        width: sizes.pane,
        maxWidth: 1,
        flex: 'none',
        overflowY: 'auto',
        borderLeft: 1,
        borderColor: 'divider',
        px: 2.25,
        py: 2,
      }}
    >
      {row ? (
        <Stack spacing={1.5}>
          <Typography variant="h2" sx={{ overflowWrap: 'anywhere' }}>
            {row.itemKey} · {row.attribute}
          </Typography>
          <Typography>
            Expected <strong>{cell(row.expected) || 'an empty value'}</strong>
          </Typography>
          {row.result !== null && (
            <Typography color="textSecondary" sx={{ overflowWrap: 'anywhere' }}>
              <ResultMark result={row.result} /> found {foundWords(row) || 'nothing'}
              {evidenceWords(row) !== '' && ` · ${evidenceWords(row)}`}
              {row.notTestableReason !== '' && ` · “${row.notTestableReason}”`}
              {row.note !== '' && ` · “${row.note}”`}
            </Typography>
          )}
          {row.problem && <FailurePanel failure={{ kind: 'refused', message: row.problem.message }} />}
          {row.revision > 0 && (
            <ActionButton group="Test action" label="History" keys="h" run={() => setHistory(true)} />
          )}
          {mayNot === null ? (
            <Form key={`${row.itemKey} ${row.attribute} ${row.revision}`} {...{ place, row, documents, done }} />
          ) : (
            <Typography color="textSecondary">{mayNot}</Typography>
          )}
        </Stack>
      ) : (
        <Typography color="textSecondary">The test action under the cursor appears here.</Typography>
      )}
      {history && row && (
        <RecordHistory
          of={{ ...place, phase: 'test-execution', recordKey: actionKey(row.itemKey, row.attribute) }}
          title={`${row.itemKey} · ${row.attribute}`}
          close={() => setHistory(false)}
        />
      )}
    </Box>
  );
}
