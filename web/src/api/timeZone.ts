/** The IANA name of where the person is, as the browser knows it; nothing when it does not. */
export function ownTimeZone(): string | undefined {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // What ICU calls a place that it cannot find.
  return zone === 'Etc/Unknown' ? undefined : zone;
}
