import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { watchConnectionStatus } from './api/connectionStatus';
import { session } from './session/currentSession';
import { finishProviderRedirect } from './session/providerSignIn';
import { watchEmailLink } from './page/emailLink';
import { applyTheme } from './page/theme';
import { watchRoute } from './page/route';
import { registerWorker } from './offline/registerWorker';
import './styles.css';

applyTheme();
watchEmailLink();
watchRoute();
watchConnectionStatus(window);
session.watch(window);
finishProviderRedirect();
if (import.meta.env.PROD) window.addEventListener('load', registerWorker);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
