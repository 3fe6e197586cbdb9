// Owns the field for a note, a reason or a rationale: its length is counted against the limit, nothing is ever cut off. Knows no dialog.
import { Box, TextField } from '@mui/material';
import { noteLimit } from '../../domain/decision.ts';
import { count } from '../formats.ts';

/** A note and how much room is left. The text stays as it was written, however long. */
export function NoteField({
  label,
  value,
  change,
  problem,
  inputRef,
  confirm,
  autoFocus,
}: {
  label: string;
  value: string;
  change(text: string): void;
  problem: string | null;
  inputRef?: React.Ref<HTMLTextAreaElement>;
  /** Enter without Shift; absent where Enter begins a new line. */
  confirm?: () => void;
  autoFocus?: boolean;
}) {
  const over = value.length > noteLimit;
  return (
    <TextField
      label={label}
      multiline
      minRows={3}
      maxRows={10}
      fullWidth
      value={value}
      autoFocus={autoFocus ?? false}
      inputRef={inputRef}
      error={over || problem !== null}
      onChange={(event) => change(event.target.value)}
      onKeyDown={(event) => {
        if (!confirm || event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
        event.preventDefault();
        confirm();
      }}
      helperText={
        <Box component="span" sx={{ display: 'flex', justifyContent: 'space-between', gap: 2 }}>
          <span>{problem ?? (confirm ? 'Enter confirms, Shift Enter begins a new line' : '')}</span>
          <Box component="span" sx={{ whiteSpace: 'nowrap', ...(over ? { fontWeight: 600 } : {}) }}>
            {count(value.length)} of {count(noteLimit)}
          </Box>
        </Box>
      }
    />
  );
}
