/** Browsers by what they write into their user agent; the first that fits counts, because most also claim to be Chrome or Safari. */
const BROWSERS: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOPiOS\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChromium\//, 'Chromium'],
  [/Chrome\/|\bCriOS\//, 'Chrome'],
  [/\bVersion\/\S+ .*\bSafari\//, 'Safari'],
];

/** Systems likewise: Android says that it is Linux, an iPhone that it is like Mac OS X. */
const SYSTEMS: ReadonlyArray<readonly [RegExp, string]> = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b|\bMac OS X\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

export interface DeviceName {
  name: string;
  /** What it said of itself, where the name does not tell all that is worth knowing. */
  raw: string | null;
}

/** A short plain name for a device, such as "Firefox on Linux", from its user agent. */
export function deviceName(userAgent: string | null): DeviceName {
  if (!userAgent) return { name: 'Unknown device', raw: null };
  const browser = found(BROWSERS, userAgent);
  const system = found(SYSTEMS, userAgent);
  if (browser && system) return { name: `${browser} on ${system}`, raw: null };
  if (browser || system) return { name: browser ?? `Unknown browser on ${system}`, raw: userAgent };
  // Programs say their name and version: `curl/8.14.1`.
  const program = /^([A-Za-z][\w.-]{0,39})\/\d/.exec(userAgent)?.[1];
  return { name: program && program !== 'Mozilla' ? program : 'Unknown device', raw: userAgent };
}

const found = (names: ReadonlyArray<readonly [RegExp, string]>, text: string): string | undefined => names.find(([sign]) => sign.test(text))?.[1];
