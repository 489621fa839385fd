import type { Info } from '../api/types';
import { AuthForm } from './AuthForm';
import { ProviderButtons } from './ProviderButtons';

/** Every way to sign in here. */
export function SignInOptions({ about, notice = null }: { about: Info | null; notice?: string | null }) {
  return (
    <>
      <AuthForm mail={about?.mail === true} notice={notice} />
      <div className="mt-4">
        <ProviderButtons names={about?.sign_in_with ?? []} />
      </div>
    </>
  );
}
