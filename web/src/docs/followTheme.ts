import { storedTheme } from '../page/storedTheme';

/** Shows the appearance that was chosen on the page, or else the system's. Swagger UI has its dark colours under a class. */
export function followTheme(): void {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const theme = storedTheme();
    const isDark = theme === 'dark' || (theme === 'system' && system.matches);
    root.dataset['theme'] = isDark ? 'dark' : 'light';
    root.classList.toggle('dark-mode', isDark);
  };
  apply();
  system.addEventListener('change', apply);
}
