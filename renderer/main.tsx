// The page's entry: opens the bridge, gives the theme its nonce, draws the application.
import './jitless.ts';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App, WithoutToken } from './app.tsx';
import { openBridge } from './bridge.ts';
import { startKeys } from './keys.ts';
import { startStore } from './store.ts';
import { theme } from './theme.ts';

// The host writes a new nonce into each answer; emotion's style elements need it under the content security policy.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;
const cache = createCache({ key: 'cs', ...(nonce ? { nonce } : {}) });

const bridge = openBridge();
if (bridge) {
  startStore();
  startKeys();
}

const root = document.querySelector('#root');
if (!root) throw new Error('the page has no root element');
createRoot(root).render(
  <StrictMode>
    <CacheProvider value={cache}>
      <ThemeProvider theme={theme} defaultMode="system" storageManager={null}>
        <CssBaseline />
        {bridge ? <App /> : <WithoutToken />}
      </ThemeProvider>
    </CacheProvider>
  </StrictMode>,
);
