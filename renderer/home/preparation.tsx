// Owns what is said while the embedded server is prepared: what is done, how far it is, how to stop it or get one.
import { Box, LinearProgress, Paper, Stack, Typography } from '@mui/material';
import type { ServerState } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { duration } from '../formats.ts';
import { useNow } from '../marks.tsx';
import { perform } from '../use-command.ts';
import { useRef } from 'react';

type Preparing = Extract<ServerState, { kind: 'preparing' }>;

// The core tells now and then; in between the page's clock goes on.
function useElapsedMs(server: Preparing): number {
  const now = useNow();
  const told = useRef({ server, at: now });
  if (told.current.server !== server) told.current = { server, at: now };
  return server.elapsedMs + Math.max(0, now - told.current.at);
}

function PreparingLine({ server }: { server: Preparing }) {
  const elapsedMs = useElapsedMs(server);
  const { expectedMs } = server;
  const share = expectedMs === null ? null : Math.min(99, Math.round((elapsedMs / expectedMs) * 100));
  return (
    <Stack direction="row" spacing={2} sx={{ alignItems: 'center' }}>
      <Box sx={{ flex: 1 }}>
        <Typography variant="h3" component="h2" id="preparation">
          Preparing the server on this machine
        </Typography>
        <Typography color="textSecondary" sx={{ mb: 0.75 }}>
          {server.step} · {duration(elapsedMs)}
          {expectedMs === null ? '' : ` of about ${duration(expectedMs)}`}. It is needed once; you can import a file
          meanwhile.
        </Typography>
        <LinearProgress
          aria-labelledby="preparation"
          variant={share === null ? 'indeterminate' : 'determinate'}
          {...(share === null ? {} : { value: share })}
        />
      </Box>
      {server.cancellable && (
        <ActionButton label="Cancel" group="Home" run={() => void perform('server:cancel-preparation', {})} />
      )}
    </Stack>
  );
}

function Told({ title, text, lines = [] }: { title: string; text: string; lines?: readonly string[] }) {
  return (
    <Box>
      <Typography variant="h3" component="h2">
        {title}
      </Typography>
      <Typography color="textSecondary">{text}</Typography>
      {lines.length > 0 && (
        <Box component="ul" sx={{ my: 0.5, pl: 2.5 }}>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </Box>
      )}
    </Box>
  );
}

const again = <ActionButton label="Prepare again" group="Home" run={() => void perform('server:prepare', {})} />;

function Content({ server }: { server: ServerState }) {
  switch (server.kind) {
    case 'preparing':
      return <PreparingLine server={server} />;
    case 'starting':
      return (
        <Told title="Starting the server" text={`${server.what}. Everything on this laptop can be used meanwhile.`} />
      );
    case 'restarting':
      return <Told title={`Restarting ${server.what}`} text={server.reason} />;
    case 'unavailable':
      return (
        <Stack direction="row" spacing={2} sx={{ justifyContent: 'space-between', alignItems: 'center' }}>
          <Told
            title="There is no server on this machine yet"
            text={`${server.reason}. What you do is kept on this laptop until there is one.`}
            lines={server.howToGet}
          />
          {again}
        </Stack>
      );
    default:
      return null;
  }
}

/** A panel while there is something to say about the embedded server, nothing otherwise. */
export function Preparation({ server }: { server: ServerState }) {
  if (server.kind === 'external' || server.kind === 'ready' || server.kind === 'stopped') return null;
  return (
    <Paper sx={{ borderRadius: 2, px: 2, py: 1.5 }} role="status">
      <Content server={server} />
    </Paper>
  );
}
