// Signing in without a password, while developing. app.ts imports this file behind the development
// switch, so a release does not contain it.

import type { Sessions } from '#domain/access/sessions.ts'
import type { Person } from '#domain/access/person.ts'
import { enter } from './sign-in.ts'
import { publicRoute, type Route } from './routes.ts'

export const DEV_SIGN_IN = '/dev/sign-in'

/** `person` says who comes in, as of now: a member of workspaces that may be new. */
export function devSignInRoutes(
  sessions: Sessions,
  person: () => Promise<Pick<Person, 'userId'>>,
): readonly Route[] {
  return [
    publicRoute('GET', DEV_SIGN_IN, async (c) =>
      enter(c, sessions, (await person()).userId, ['link']),
    ),
  ]
}
