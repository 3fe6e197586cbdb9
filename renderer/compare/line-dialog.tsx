// Owns one line of a comparison whole: all fields of both sides, what differs, the life of each row. Only shows.
import {
  Box,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import type { Version } from '../../domain/version.ts';
import { Hash, Mono, VerdictMark } from '../marks.tsx';
import { ItemLife } from '../review/item-life.tsx';
import { fieldLabel, fieldText, ownFields } from '../review/phase-fields.ts';
import { reasonName } from '../review/sentences.ts';
import { useCommand, valueOf } from '../use-command.ts';
import type { ComparedLine, Side } from './compare-columns.tsx';

interface Props {
  line: ComparedLine;
  left: Version;
  right: Version;
  fields: readonly string[];
  /** The column of the keys, which are names and no figures. */
  keyName: string | null;
  nameOf(personId: string | null): string;
  close(): void;
}

function Life({ versionId, itemKey, nameOf }: { versionId: string; itemKey: string; nameOf: Props['nameOf'] }) {
  const detail = valueOf(useCommand('item:get', { versionId, itemKey }));
  return (
    <Box sx={{ minWidth: 0 }}>
      <Typography variant="subtitle2" component="h3" color="textSecondary" sx={{ mb: 1 }}>
        Life of <Mono>{itemKey}</Mono>
      </Typography>
      {detail ? <ItemLife life={detail.life} nameOf={nameOf} /> : 'Reading'}
    </Box>
  );
}

function Lives({ line, left, right, nameOf }: Props) {
  const both = line.left && line.right && line.left.itemKey !== line.right.itemKey;
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: both ? '1fr 1fr' : '1fr', gap: 3, mt: 2 }}>
      {line.left && (both || !line.right) && (
        <Life versionId={left.versionId} itemKey={line.left.itemKey} nameOf={nameOf} />
      )}
      {line.right && <Life versionId={right.versionId} itemKey={line.right.itemKey} nameOf={nameOf} />}
    </Box>
  );
}

const sides: readonly Side[] = ['left', 'right'];

export function LineDialog(props: Props) {
  const { line, left, right, close } = props;
  const fields = ownFields(right.phase, props.fields, { ...line.leftBody, ...line.rightBody });
  const changed = new Set(line.fields.map(({ field }) => field));
  const versions = { left, right };
  const title = line.replacement
    ? `${line.left?.itemKey} was replaced by ${line.right?.itemKey}`
    : (line.right?.itemKey ?? line.left?.itemKey ?? '');
  const row = (name: string, cells: React.ReactNode[], differs: boolean) => (
    <TableRow key={name}>
      <TableCell component="th" scope="row" sx={{ color: 'text.secondary' }}>
        {name}
      </TableCell>
      {cells.map((content, at) => (
        <TableCell
          key={sides[at]}
          align="right"
          sx={
            differs
              ? { bgcolor: 'waiting.tint', color: 'waiting.main', overflowWrap: 'anywhere' }
              : { overflowWrap: 'anywhere' }
          }
        >
          {content}
        </TableCell>
      ))}
    </TableRow>
  );
  return (
    <Dialog open onClose={close} maxWidth="md" aria-labelledby="line-dialog">
      <DialogTitle id="line-dialog">{title}</DialogTitle>
      <DialogContent tabIndex={0} role="region" aria-label="Both sides">
        <Table aria-label="Fields of both versions">
          <TableHead>
            <TableRow>
              <TableCell>Field</TableCell>
              {sides.map((side) => (
                <TableCell key={side} align="right">
                  Version {versions[side].number}
                  {line[side] ? '' : ', not in it'}
                </TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {row(
              'Verdict',
              sides.map((side) => {
                const item = line[side];
                if (!item) return '';
                const reason = reasonName(item.reasonCode);
                return (
                  <span key={side}>
                    <VerdictMark verdict={item.verdict} origin={item.origin} /> {reason}
                    {item.decidedBy && ` by ${props.nameOf(item.decidedBy)}`}
                  </span>
                );
              }),
              false,
            )}
            {fields.map((field) =>
              row(
                fieldLabel(right.phase, field),
                sides.map((side) => {
                  const value = (side === 'left' ? line.leftBody : line.rightBody)?.[field];
                  return field === props.keyName ? String(value ?? '') : fieldText(right.phase, field, value);
                }),
                changed.has(field) && line.kind === 'changed',
              ),
            )}
            {row(
              'content hash',
              sides.map((side) => {
                const item = line[side];
                return item ? <Hash key={side} value={item.contentHash} label="content hash" /> : '';
              }),
              false,
            )}
          </TableBody>
        </Table>
        <Lives {...props} />
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}
