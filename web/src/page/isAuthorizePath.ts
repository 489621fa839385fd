/** Whether the browser was sent here by a program that wants to be let in (OAuth's authorization endpoint). */
export const isAuthorizePath = (): boolean => location.pathname === '/oauth/authorize';
