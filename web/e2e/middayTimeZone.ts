/** A zone in which the day began hours ago and goes on for hours: what takes place there is of one day. */
export function middayTimeZone(): string {
  const hour = new Date().getUTCHours();
  return hour >= 3 && hour < 18 ? 'UTC' : 'Asia/Tokyo';
}
