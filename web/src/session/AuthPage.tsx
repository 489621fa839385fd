import { useState } from 'react';
import { emailLink } from '../page/emailLink';
import { Banners } from '../page/Banners';
import { useStore } from '../store';
import { Logo } from '../ui/Logo';
import { ResetForm } from './ResetForm';
import { SignInOptions } from './SignInOptions';
import { useServerInfo } from './useServerInfo';

/** The first thing a visitor sees: what this is, and how to get in. */
export function AuthPage() {
  const about = useServerInfo();
  const [changed, setChanged] = useState(false);
  const link = useStore(emailLink);

  return (
    <div className="flex h-full flex-col overflow-y-auto">
      <Banners />
      <main className="m-auto w-full max-w-5xl px-6 py-10 md:grid md:grid-cols-[1fr_24rem] md:items-center md:gap-16">
        <div className="mb-8 md:mb-0">
          <Logo large />
          <h1 className="mt-6 text-[2rem] leading-[1.15] font-semibold tracking-tight text-balance md:text-[2.75rem]">Say it. It’s on your list.</h1>
          <p className="mt-4 max-w-md text-read text-quiet">A todo list you keep by talking to it. Watch it change beside the chat, and edit it by hand whenever that is quicker.</p>
          <Sample />
        </div>
        <div>
          {link?.kind === 'reset-password' ? (
            <ResetForm token={link.token} onDone={() => setChanged(true)} />
          ) : (
            <SignInOptions about={about} notice={changed ? 'Your password is changed. Sign in with the new one.' : link ? 'Sign in to confirm your address.' : null} />
          )}
          {about && (
            <p className="mt-6 text-center text-small text-quiet">
              Version {about.version}
              {about.model.stand_in ? ' · built-in stand-in model' : ` · ${about.model.name}`}
            </p>
          )}
        </div>
      </main>
    </div>
  );
}

/** A still picture of a conversation, for those who can see it; the sentence above says the same. */
function Sample() {
  return (
    <div className="mt-10 hidden max-w-md space-y-3 md:block" aria-hidden="true">
      <p className="ml-auto w-fit rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5">Add “call the dentist”, and tick off the milk</p>
      <div className="space-y-1.5 rounded-2xl border border-line bg-surface px-4 py-3 text-small text-quiet">
        <p>
          <span className="mr-2 text-accent">✓</span>Added <b className="font-medium text-ink">Call the dentist</b> as task 4
        </p>
        <p>
          <span className="mr-2 text-accent">✓</span>Ticked off <b className="font-medium text-ink">Buy milk</b> (task 2)
        </p>
      </div>
      <p>Done. Two things are left for today.</p>
    </div>
  );
}
