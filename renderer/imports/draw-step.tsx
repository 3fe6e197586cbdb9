// Owns the last step: the seed, recorded before any row shows; then the draw, and a reason when it is drawn again.
import { Alert, Box, FormControlLabel, Paper, Radio, RadioGroup, Stack, TextField, Typography } from '@mui/material';
import { useState } from 'react';
import type { Recommendation } from '../../domain/change.ts';
import { noteSchema } from '../../domain/decision.ts';
import { seedTextSchema } from '../../domain/sample-plan.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import { DRAW_ALGORITHM, DRAW_GENERATOR } from '../../domain/sampling/draw.ts';
import type { SamplePlan } from '../../domain/sampling/plan.ts';
import type { Version } from '../../domain/version.ts';
import type { Failure } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { bridge } from '../bridge.ts';
import { count, percent } from '../formats.ts';
import { Hash, Mono } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { go } from '../routes.ts';
import { TargetedRows } from './targeted-rows.tsx';
import { fractionOf } from './wizard-draft.ts';
import type { ReadyPopulation, WizardDraft } from './wizard-draft.ts';

interface Props {
  reportId: string;
  population: ReadyPopulation;
  draft: WizardDraft;
  change(part: Partial<WizardDraft>): void;
  plan: SamplePlan;
  plans: readonly RecordedPlan[];
  versions: readonly Version[];
  recommendations: readonly Recommendation[];
  whyNot: string | null;
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <Box component="dt" sx={{ color: 'text.secondary' }}>
        {name}
      </Box>
      <Box component="dd" sx={{ m: 0, minWidth: 0, overflowWrap: 'anywhere' }}>
        {children}
      </Box>
    </>
  );
}

function strataWords({ lob, lobColumn }: WizardDraft): string {
  if (lobColumn === null) return 'one stratum';
  return lob === null ? `by ${lobColumn}` : `only ${lobColumn} ${lob}`;
}

/** What a re-performer needs, all of it. */
function Facts({
  population,
  draft,
  plan,
  seed,
}: {
  population: ReadyPopulation;
  draft: WizardDraft;
  plan: SamplePlan;
  seed: string | null;
}) {
  return (
    <Paper sx={{ borderRadius: 2, px: 2, py: 1.5 }}>
      <Box
        component="dl"
        sx={{ m: 0, display: 'grid', gridTemplateColumns: 'max-content minmax(0, 1fr)', columnGap: 3, rowGap: 0.5 }}
      >
        <Fact name="File">
          {population.fileName}, SHA-256 <Hash value={population.populationHash} label="SHA-256 of the file" whole />
        </Fact>
        <Fact name="Sample">
          {count(plan.sampleSize)} of {count(plan.populationSize ?? population.state.rowCount)}
          {draft.lob !== null && ` of ${draft.lob}`}, acceptable deviations {count(plan.acceptableDeviations)}
        </Fact>
        <Fact name="Method">
          {plan.method}, risk {percent(plan.risk)}, tolerable {percent(plan.tolerable)}, expected{' '}
          {percent(plan.expected)}
        </Fact>
        <Fact name="Key, strata">
          {draft.keyColumn}, {strataWords(draft)}
        </Fact>
        <Fact name="Draw">
          {DRAW_GENERATOR}, {DRAW_ALGORITHM}
        </Fact>
        <Fact name="Seed">{seed === null ? 'not recorded yet' : <Mono>{seed}</Mono>}</Fact>
      </Box>
    </Paper>
  );
}

function SeedChoice({ draft, change }: Pick<Props, 'draft' | 'change'>) {
  const [given, setGiven] = useState(draft.seed !== '');
  const problem = draft.seed === '' ? null : (seedTextSchema.safeParse(draft.seed).error?.issues[0]?.message ?? null);
  return (
    <Box>
      <RadioGroup
        row
        aria-label="Where the seed comes from"
        value={given ? 'given' : 'made'}
        onChange={(_event, choice) => {
          setGiven(choice === 'given');
          if (choice === 'made') change({ seed: '' });
        }}
      >
        <FormControlLabel value="made" control={<Radio />} label="The system makes the seed" />
        <FormControlLabel value="given" control={<Radio />} label="I give the seed" />
      </RadioGroup>
      {given && (
        <TextField
          label="Seed"
          value={draft.seed}
          onChange={(event) => change({ seed: event.target.value.trim() })}
          error={problem !== null}
          helperText={problem ?? 'an integer, for example the date 20261120'}
          sx={{ mt: 1, width: 320 }}
          slotProps={{ htmlInput: { inputMode: 'numeric' } }}
        />
      )}
    </Box>
  );
}

function useRecord({ reportId, population, draft, change }: Props) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [recorded, setRecorded] = useState<{ planId: string; seed: string } | null>(null);
  const record = async () => {
    const result = await bridge().invoke('sample:plan', {
      reportId,
      populationHash: population.populationHash,
      keyColumn: draft.keyColumn ?? '',
      lobColumn: draft.lobColumn,
      lob: draft.lob,
      risk: fractionOf(draft.risk),
      tolerable: fractionOf(draft.tolerable),
      expected: fractionOf(draft.expected),
      sampleSize: draft.sampleSize === '' ? null : Number(draft.sampleSize),
      seed: draft.seed === '' ? null : draft.seed,
    });
    if (!result.ok) {
      setFailure(result.error);
      return;
    }
    setFailure(null);
    setRecorded({ planId: result.value.planId, seed: result.value.seed });
    change({ planId: result.value.planId, seed: result.value.seed });
  };
  return { record, failure, setFailure, recorded };
}

function Drawn({ version }: { version: Version }) {
  return (
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
  );
}

export function DrawStep(props: Props) {
  const { reportId, population, draft, change, plan, plans, versions, recommendations, whyNot } = props;
  const { record, failure, setFailure, recorded } = useRecord(props);
  const [reason, setReason] = useState('');
  const [queued, setQueued] = useState(false);
  const known = plans.find((one) => one.planId === draft.planId);
  const version = versions.find((one) => one.versionId === known?.versionId);
  const seed = recorded?.seed ?? known?.request.seed ?? (draft.planId ? draft.seed : null);
  const again = plans.some(
    (one) => one.versionId !== null && one.planId !== draft.planId && one.request.lob === draft.lob,
  );
  const reasonProblem = noteSchema.safeParse(reason).error?.issues[0]?.message ?? null;
  const seedProblem =
    draft.seed === '' ? null : (seedTextSchema.safeParse(draft.seed).error?.issues[0]?.message ?? null);

  const draw = async () => {
    if (!draft.planId) return;
    const result = await bridge().invoke('sample:draw', {
      reportId,
      planId: draft.planId,
      redrawReason: again ? reason.trim() : null,
      targeted: [...draft.targeted],
    });
    if (!result.ok) {
      setFailure(result.error);
      return;
    }
    setFailure(null);
    setQueued(true);
  };
  const whyNotDraw =
    whyNot ?? (again && reason.trim() === '' ? 'Drawing again needs a reason: the report discloses it' : reasonProblem);

  return (
    <Stack spacing={2}>
      <Facts population={population} draft={draft} plan={plan} seed={seed} />
      {!draft.planId && <SeedChoice draft={draft} change={change} />}
      {failure && <FailurePanel failure={failure} />}
      {!draft.planId && (
        <Box>
          <ActionButton
            label="Record the plan"
            keys="Mod+Enter"
            whileTyping
            group="Import"
            showKey
            variant="contained"
            color="primary"
            whyNot={whyNot ?? seedProblem}
            run={() => void record()}
          />
          <Typography variant="caption" component="p" color="textSecondary" sx={{ mt: 1 }}>
            The plan and its seed are recorded first. No row is shown before that.
          </Typography>
        </Box>
      )}
      {draft.planId && !version && (
        <>
          <Alert severity="info">
            The plan is {known ? 'recorded on the server' : 'queued on this laptop'} with seed {seed}. Drawing makes a
            version of {count(plan.sampleSize)} random
            {draft.targeted.length > 0 && ` and up to ${count(draft.targeted.length)} targeted`} samples, pending, for
            the report owner.
          </Alert>
          {!queued && (
            <TargetedRows
              recommendations={recommendations}
              targeted={draft.targeted}
              lob={draft.lob}
              change={(targeted) => change({ targeted })}
            />
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
          <Box sx={{ display: 'flex', gap: 1 }}>
            <ActionButton
              label={`Draw ${count(plan.sampleSize)} of ${count(plan.populationSize ?? population.state.rowCount)}`}
              keys="Mod+Enter"
              whileTyping
              group="Import"
              showKey
              variant="contained"
              color="primary"
              disabled={queued}
              whyNot={whyNotDraw}
              run={() => void draw()}
            />
            {!queued && (
              <ActionButton
                label="Make another plan"
                group="Import"
                run={() => change({ planId: null, seed: '', targeted: [] })}
              />
            )}
          </Box>
          {queued && <Alert severity="warning">The draw is kept on this laptop until the server confirmed it.</Alert>}
        </>
      )}
      {version && <Drawn version={version} />}
      {version && (
        <Box>
          <ActionButton
            label="Make another plan"
            group="Import"
            run={() => change({ planId: null, seed: '', targeted: [] })}
          />
        </Box>
      )}
    </Stack>
  );
}
