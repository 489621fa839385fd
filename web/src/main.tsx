import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { watchConnection } from './api/connection';
import { session } from './session/current';
import { comeFromProvider } from './session/providerSignIn';
import { watchAccountLink } from './page/accountLink';
import { applyTheme } from './page/theme';
import { watchRoute } from './page/route';
import { registerWorker } from './offline/registerWorker';
import './styles.css';

applyTheme();
watchAccountLink();
watchRoute();
watchConnection(window);
session.watch(window);
comeFromProvider();
if (import.meta.env.PROD) window.addEventListener('load', registerWorker);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
