import type { ProviderName } from '../api/types';
import { useStore } from '../store';
import { Button } from '../ui/Button';
import { AuthProblem } from './AuthCard';
import { goToProvider, PROVIDER_LABELS, providerSignIn } from './providerSignIn';

/** A button for each provider with which one can sign in, and what became of the last attempt. */
export function ProviderButtons({ names }: { names: ProviderName[] }) {
  const { busy, problem } = useStore(providerSignIn);
  return (
    <div className="space-y-3 empty:hidden">
      {(problem || names.length > 0) && <AuthProblem>{problem}</AuthProblem>}
      {names.map((name) => (
        <Button key={name} busy={busy} className="w-full" onClick={() => void goToProvider(name)}>
          Sign in with {PROVIDER_LABELS[name]}
        </Button>
      ))}
    </div>
  );
}
