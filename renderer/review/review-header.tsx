// Owns the head of a review: which version, what is true about it, how far it is, and the acts on the whole. Decides nothing.
import { Box, Button, Link, Menu, MenuItem, Stack, Tooltip, Typography, useMediaQuery } from '@mui/material';
import { useRef, useState } from 'react';
import { roleNames } from '../../domain/people.ts';
import { maxRevisions, phaseOf } from '../../domain/phases.ts';
import type { VerdictCounts, Version } from '../../domain/version.ts';
import type { VersionDetail } from '../../preload/contract.ts';
import { count, counted } from '../formats.ts';
import { DeliveryMark, When } from '../marks.tsx';
import { go, hashOf } from '../routes.ts';
import { sizes } from '../theme.ts';
import { planFacts, progressWords, reviewVerdictsSaid } from './sentences.ts';
import type { VersionContext } from './version-context.ts';

/** "version 2 ▾": leads to another version of the phase. */
export function VersionSwitcher({
  version,
  siblings,
  choose,
  label = 'version',
}: {
  version: Version;
  siblings: readonly Version[];
  choose(other: Version): void;
  label?: string;
}) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  const name = `${label} ${version.number}`;
  return (
    <>
      <Link
        component="button"
        ref={anchor}
        underline="hover"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={`${name}, choose another version`}
        onClick={() => setOpen(true)}
        sx={{ font: 'inherit', letterSpacing: 'inherit', verticalAlign: 'baseline' }}
      >
        {name} ▾
      </Link>
      <Menu anchorEl={anchor.current} open={open} onClose={() => setOpen(false)}>
        {siblings.toReversed().map((other) => (
          <MenuItem
            key={other.versionId}
            selected={other.versionId === version.versionId}
            onClick={() => {
              setOpen(false);
              choose(other);
            }}
          >
            Version {other.number}
            <Typography component="span" color="textSecondary">
              {statusWord(other)} · {counted(other.itemCount, 'row')} · <When at={other.createdAt} />
            </Typography>
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}

/** The state of a version as its people say it. */
export function statusWord(version: Pick<Version, 'status' | 'reviewVerdict'>): string {
  if (version.status === 'approved') return 'current';
  if (version.status === 'pending' && version.reviewVerdict !== null) return reviewVerdictsSaid[version.reviewVerdict];
  return version.status;
}

/** Who made it, which revision, until when, how it was drawn. */
export function FactsLine({
  version,
  context,
  nameOf,
}: {
  version: Version;
  context: VersionContext;
  nameOf(personId: string | null): string;
}) {
  const { report, plan } = context;
  const made = version.revision > 0 ? 'Revised' : plan ? 'Drawn' : version.status === 'draft' ? 'Proposed' : 'Made';
  return (
    <>
      {made} by {nameOf(version.authorId)}, <When at={version.createdAt} /> ·{' '}
      {version.revision === 0 ? 'no revision yet' : `revision ${version.revision} of ${maxRevisions}`}
      {report?.dueAt && (
        <>
          {' · due '}
          <When at={report.dueAt} as="due" />
        </>
      )}
      {version.lob !== null && ` · ${version.lob}`}
      {plan && ` · ${planFacts(version, plan)}`}
    </>
  );
}

const share = (part: number, counts: VerdictCounts) => `${counts.total === 0 ? 0 : (part / counts.total) * 100}%`;

/** How many are decided, as a bar and in words; leads to the first that is not. */
export function Progress({ counts, jump }: { counts: VerdictCounts; jump(): void }) {
  const roomy = useMediaQuery((theme) => theme.breakpoints.up('lg'));
  const words = progressWords(counts);
  return (
    <Box sx={{ minWidth: roomy ? sizes.progress : 0 }}>
      <Tooltip title={words}>
        <Box
          role="progressbar"
          aria-label="Decided"
          aria-valuemin={0}
          aria-valuemax={counts.total}
          aria-valuenow={counts.total - counts.pending}
          aria-valuetext={words}
          sx={{
            display: 'flex',
            height: 6,
            borderRadius: 1,
            overflow: 'hidden',
            bgcolor: 'divider',
            width: roomy ? 1 : sizes.progress / 2,
          }}
        >
          <Box sx={{ bgcolor: 'approved.main' }} style={{ width: share(counts.approved, counts) }} />
          <Box sx={{ bgcolor: 'rejected.main' }} style={{ width: share(counts.rejected, counts) }} />
        </Box>
      </Tooltip>
      <Typography variant="caption" component="p" color="textSecondary" sx={{ mt: 0.75, whiteSpace: 'nowrap' }}>
        {roomy ? words : `${count(counts.total - counts.pending)}/${count(counts.total)}`}
        {counts.pending > 0 && (
          <>
            {' · '}
            <Link component="button" variant="caption" onClick={jump}>
              {count(counts.pending)} to go
            </Link>
          </>
        )}
      </Typography>
    </Box>
  );
}

/** How much of a draft was changed here. Nobody decides on a draft. */
export function EditProgress({ edits }: { edits: number }) {
  return (
    <Typography color="textSecondary" sx={{ whiteSpace: 'nowrap', mr: 1 }}>
      {edits === 0 ? 'Nothing changed here' : `${counted(edits, 'change')} drafted`}
    </Typography>
  );
}

const submittedNames = {
  review: 'Your review',
  revision: 'Your revision',
  version: 'Handed in by you',
  signature: 'Your signature',
} as const;

const signedAs = { reviewed: 'reviewed', acknowledged: 'acknowledged' } as const;

/** What became of the review or revision that this person submitted, or of the version when others did. */
export function Outcome({
  detail,
  newest,
  nameOf,
}: {
  detail: VersionDetail;
  newest: Version | null;
  nameOf(personId: string | null): string;
}) {
  const { version, submitted } = detail;
  const parts = [
    submitted && (
      <span key="submitted">
        {submittedNames[submitted.kind]}
        {submitted.verdict && `: ${reviewVerdictsSaid[submitted.verdict]}`}{' '}
        <DeliveryMark delivery={submitted.delivery} />
      </span>
    ),
    // What was signed says so by its signatures.
    version.signOffs.length === 0 &&
      submitted?.kind !== 'review' &&
      version.reviewedBy &&
      version.reviewedAt &&
      version.reviewVerdict && (
        <span key="reviewed">
          {reviewVerdictsSaid[version.reviewVerdict]} by {nameOf(version.reviewedBy)}, <When at={version.reviewedAt} />
          {version.reviewNote && `: “${version.reviewNote}”`}
        </span>
      ),
    ...version.signOffs.map((one) => (
      <span key={`${one.role} ${one.operationId}`}>
        {signedAs[one.meaning]} by {nameOf(one.actorId)} as {roleNames[one.role]}, <When at={one.appliedAt} />
        {one.voidedAt !== null && ' (voided by an edit)'}
      </span>
    )),
    newest && newest.number > version.number && (
      <span key="newer">
        <Link href={hashOf({ screen: 'version', versionId: newest.versionId })}>Version {newest.number}</Link>{' '}
        {statusWord(newest)} followed
      </span>
    ),
  ].filter(Boolean);
  if (parts.length === 0) return null;
  return (
    <Stack direction="row" sx={{ typography: 'caption', color: 'text.secondary', columnGap: 2, flexWrap: 'wrap' }}>
      {parts}
    </Stack>
  );
}

/** The one title of the screen. */
export function ReviewTitle({ version, siblings }: { version: Version; siblings: readonly Version[] }) {
  return (
    <>
      {phaseOf(version.phase).name}{' '}
      <VersionSwitcher
        version={version}
        siblings={siblings}
        choose={({ versionId }) => go({ screen: 'version', versionId })}
      />
    </>
  );
}

/** A page-wide plain button that looks like a chip and opens a menu. */
export function MenuButton({
  label,
  on,
  children,
}: {
  label: string;
  /** Something other than everything is chosen. */
  on: boolean;
  children(close: () => void): React.ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button
        ref={anchor}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(true)}
        sx={{
          minHeight: sizes.chip,
          px: 1.25,
          fontWeight: 400,
          borderColor: 'divider',
          color: on ? 'accent.main' : 'text.secondary',
          ...(on ? { bgcolor: 'accent.tint' } : {}),
        }}
      >
        {label} ▾
      </Button>
      <Menu anchorEl={anchor.current} open={open} onClose={() => setOpen(false)}>
        {children(() => setOpen(false))}
      </Menu>
    </>
  );
}
