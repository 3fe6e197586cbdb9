// Owns drawing the sample of a recorded plan: which rows are targeted beside the random ones, why it is drawn again, what came of it.
import { Alert, Box, Link, Stack, TextField } from '@mui/material';
import { useState } from 'react';
import type { LobState, Recommendation } from '../../domain/change.ts';
import { noteSchema } from '../../domain/decision.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import type { SamplePlan } from '../../domain/sampling/plan.ts';
import type { Version } from '../../domain/version.ts';
import type { Failure } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { bridge } from '../bridge.ts';
import { count } from '../formats.ts';
import { FailurePanel } from '../notices.tsx';
import { go, hashOf } from '../routes.ts';
import { TargetedRows } from './targeted-rows.tsx';
import { nextLob } from './wizard-draft.ts';
import type { WizardDraft } from './wizard-draft.ts';

interface DrawingProps {
  reportId: string;
  draft: WizardDraft & { planId: string };
  change(part: Partial<WizardDraft>): void;
  plan: SamplePlan;
  plans: readonly RecordedPlan[];
  recommendations: readonly Recommendation[];
  seed: string | null;
  whyNot: string | null;
}

const anotherPlan = { planId: null, seed: '', targeted: [] } as const;

function AnotherPlan({ change }: Pick<DrawingProps, 'change'>) {
  return <ActionButton label="Make another plan" group="Import" run={() => change(anotherPlan)} />;
}

/** A plan that is recorded and not drawn yet. */
export function Drawing({ reportId, draft, change, plan, plans, recommendations, seed, whyNot }: DrawingProps) {
  const [reason, setReason] = useState('');
  const [queued, setQueued] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { planId, lob, targeted } = draft;
  const known = plans.some((one) => one.planId === planId);
  const again = plans.some((one) => one.versionId !== null && one.planId !== planId && one.request.lob === lob);
  const reasonProblem = noteSchema.safeParse(reason).error?.issues[0]?.message ?? null;
  const whyNotAgain = again && reason.trim() === '' ? 'Drawing again needs a reason: the report discloses it' : null;

  const draw = async () => {
    const redrawReason = again ? reason.trim() : null;
    const result = await bridge().invoke('sample:draw', { reportId, planId, redrawReason, targeted: [...targeted] });
    setFailure(result.ok ? null : result.error);
    setQueued(result.ok);
  };
  return (
    <Stack spacing={2}>
      <Alert severity="info">
        The plan is {known ? 'recorded on the server' : 'queued on this laptop'} with seed {seed}. Drawing makes a
        version of {count(plan.sampleSize)} random
        {targeted.length > 0 && ` and up to ${count(targeted.length)} targeted`} samples, pending, for the report owner.
      </Alert>
      {!queued && (
        <TargetedRows {...{ recommendations, targeted, lob }} change={(rows) => change({ targeted: rows })} />
      )}
      {again && !queued && (
        <TextField
          label="Why the sample is drawn again"
          value={reason}
          multiline
          minRows={2}
          maxRows={8}
          error={reasonProblem !== null}
          helperText={reasonProblem ?? 'A sample was drawn before. The reason is kept and disclosed in the report.'}
          onChange={(event) => setReason(event.target.value)}
        />
      )}
      {failure && <FailurePanel failure={failure} />}
      <Box sx={{ display: 'flex', gap: 1 }}>
        <ActionButton
          label={`Draw ${count(plan.sampleSize)} of ${count(plan.populationSize ?? plan.sampleSize)}`}
          keys="Mod+Enter"
          whileTyping
          group="Import"
          showKey
          variant="contained"
          color="primary"
          disabled={queued}
          whyNot={whyNot ?? whyNotAgain ?? reasonProblem}
          run={() => void draw()}
        />
        {!queued && <AnotherPlan change={change} />}
      </Box>
      {queued && (
        <Alert severity="warning">
          The draw is kept on this laptop until the server confirmed it. Should it not be possible, the{' '}
          <Link href={hashOf({ screen: 'timeline', reportId })}>timeline</Link> says why.
        </Alert>
      )}
    </Stack>
  );
}

/** The version that was drawn, and the next line of business where each is planned alone. */
export function Drawn({
  reportId,
  draft,
  change,
  version,
  versions,
  lobs,
}: {
  reportId: string;
  draft: WizardDraft;
  change(part: Partial<WizardDraft>): void;
  version: Version;
  versions: readonly Version[];
  lobs: readonly LobState[];
}) {
  const next = draft.lob === null ? null : nextLob(lobs, versions);
  const planNext = () => {
    change({ ...anotherPlan, lob: next });
    go({ screen: 'import', reportId, step: 'plan' });
  };
  return (
    <Stack spacing={2}>
      <Alert
        severity="success"
        action={
          <ActionButton
            label="Open the version"
            keys="Enter"
            group="Import"
            showKey
            run={() => go({ screen: 'version', versionId: version.versionId })}
          />
        }
      >
        Version {version.number} was made with {count(version.itemCount)} samples and waits for the report owner.
      </Alert>
      <Box sx={{ display: 'flex', gap: 1 }}>
        {next !== null && <ActionButton label={`Plan ${next} next`} keys="n" group="Import" showKey run={planNext} />}
        <AnotherPlan change={change} />
      </Box>
    </Stack>
  );
}
