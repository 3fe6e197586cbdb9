// Owns the review screen: one version, its rows, what this person may do with them. Every rule is asked of the domain or the core.
import { Box, Stack } from '@mui/material';
import { useMediaQuery } from '@mui/material';
import { useState } from 'react';
import { phaseOf } from '../../domain/phases.ts';
import type { VersionDetail } from '../../preload/contract.ts';
import { FailurePanel } from '../notices.tsx';
import { PageBody, PageHeader, useSearch } from '../page-header.tsx';
import { NextTurn } from '../shell/next-turn.tsx';
import type { Route } from '../routes.ts';
import { activeProfile, useShared } from '../store.ts';
import { ArrivedLine } from '../table/arrived-line.tsx';
import { sizes } from '../theme.ts';
import { useArriving } from '../use-arriving.ts';
import { useCommand, valueOf } from '../use-command.ts';
import { usePeople } from '../use-people.ts';
import { DetailPane } from './detail-pane.tsx';
import { ReviewActs } from './review-acts.tsx';
import { ReviewDialogs } from './review-dialogs.tsx';
import { ReviewBar } from './review-bar.tsx';
import { ReviewFilters } from './review-filters.tsx';
import { EditProgress, FactsLine, Outcome, Progress, ReviewTitle } from './review-header.tsx';
import { ReviewTable } from './review-table.tsx';
import { modeOf, useReview } from './use-review.ts';
import type { Review } from './use-review.ts';
import { useRemembered } from './use-remembered.ts';
import { useVersionContext, useVersionPlace } from './version-context.ts';
import type { VersionContext } from './version-context.ts';
import { answerView, firstView, isReviewView } from './view-state.ts';
import type { ReviewView } from './view-state.ts';

/** Reads the version and what was remembered of it; the rest is drawn when both are there. */
export function ReviewScreen({ versionId }: { versionId: string }) {
  const loaded = useCommand(
    'version:get',
    { versionId },
    (event) => event.kind === 'changed' && event.versionIds.includes(versionId),
  );
  const detail = valueOf(loaded);
  const arriving = useArriving();
  const context = useVersionContext(detail?.version ?? null);
  useVersionPlace(detail?.version ?? null, context, detail ? `v${detail.version.number}` : 'Version');
  const [view, change] = useRemembered<ReviewView>(
    detail && `review.${versionId}`,
    detail && modeOf(detail) === 'answer' ? answerView : firstView,
    isReviewView,
  );
  if (loaded.kind === 'failed' && !detail && !arriving) {
    return (
      <PageBody>
        <PageHeader title="Version" />
        <FailurePanel failure={loaded.error} retry={loaded.reload} />
      </PageBody>
    );
  }
  if (!detail || !view) {
    return (
      <PageBody>
        <PageHeader title={detail ? phaseOf(detail.version.phase).name : 'Version'} line="Reading" />
      </PageBody>
    );
  }
  return <Loaded {...{ detail, context, view, change }} reload={loaded.reload} />;
}

interface LoadedProps {
  detail: VersionDetail;
  context: VersionContext;
  view: ReviewView;
  change(part: Partial<ReviewView>): void;
  reload(): void;
}

function Loaded({ detail, context, view, change, reload }: LoadedProps) {
  const { nameOf } = usePeople();
  const me = useShared((state) => activeProfile(state)?.personId ?? null);
  const search = useSearch('Search this version');
  const review = useReview({ detail, context, view, change, search, reload });
  const roomy = useMediaQuery((theme) => theme.breakpoints.up('lg'));
  const [shownFields, setShownFields] = useState<readonly string[]>([]);
  const paneShown = view.paneShown ?? roomy;
  const keyName = context.plan?.request.keyColumn ?? 'Key';
  return (
    <Box sx={{ height: 1, overflowY: 'auto', display: 'flex', flexDirection: 'column' }}>
      <Box component="header" sx={{ px: 2.5, pt: 1.75, pb: 1.5, flex: 'none' }}>
        <PageHeader
          title={<ReviewTitle version={detail.version} siblings={context.siblings} />}
          line={<FactsLine version={detail.version} context={context} nameOf={nameOf} />}
        >
          {detail.version.status === 'draft' ? (
            <EditProgress edits={detail.edits} />
          ) : (
            <Progress counts={detail.counts} jump={() => void review.jump(0)} />
          )}
          {context.report && review.mode === 'read' && (
            <NextTurn report={context.report} here={detail.version} stay={newestOf(context)} />
          )}
          <ReviewActs review={review} />
        </PageHeader>
        <Stack spacing={1}>
          <Outcome detail={detail} newest={context.siblings.at(-1) ?? null} nameOf={nameOf} />
          <ReviewFilters
            answering={review.mode === 'answer'}
            lobName={context.plan?.request.lobColumn ?? 'LOB'}
            {...{ detail, view, keyName, shownFields, change }}
          />
        </Stack>
      </Box>
      <ArrivedLine arrived={review.source.arrived} show={review.source.startOver.bind(review.source)} />
      {review.source.failure && (
        <FailurePanel failure={review.source.failure} retry={() => review.source.startOver()} />
      )}
      <Box
        sx={{
          flex: 1,
          minHeight: sizes.leastTable,
          display: 'flex',
          position: 'relative',
          borderTop: 1,
          borderColor: 'divider',
        }}
      >
        <Box sx={{ flex: 1, minWidth: 0, display: 'flex', flexDirection: 'column' }}>
          <ReviewTable
            {...{ review, keyName, nameOf, setShownFields }}
            label={phaseOf(detail.version.phase).itemsName}
          />
          <ReviewBar review={review} />
        </Box>
        {paneShown && (
          <Pane {...{ review, context, nameOf, me }} over={!roomy} close={() => change({ paneShown: false })} />
        )}
      </Box>
      <ReviewDialogs review={review} />
    </Box>
  );
}

/** Who goes on with a phase goes on with its newest version. */
function newestOf({ siblings }: VersionContext): Route {
  const newest = siblings.at(-1);
  return newest ? { screen: 'version', versionId: newest.versionId } : { screen: 'home' };
}

function Pane({
  review,
  context,
  nameOf,
  me,
  over,
  close,
}: {
  review: Review;
  context: VersionContext;
  nameOf(personId: string | null): string;
  me: string | null;
  over: boolean;
  close(): void;
}) {
  return (
    <DetailPane
      versionId={review.detail.version.versionId}
      phase={review.detail.version.phase}
      row={review.row}
      fields={review.detail.fields}
      // With more than one row selected the bar below the table acts on all of them.
      actions={review.picks.picked.length > 1 ? null : <ReviewActs review={review} forRow />}
      close={over ? close : null}
      {...{ context, nameOf, me }}
    />
  );
}
