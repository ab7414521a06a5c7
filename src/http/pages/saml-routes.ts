// SAML's own addresses beside those of every way in: where a provider posts its answer, and our metadata.

import { handlersOf, publicRoute, type Route } from '#http/routes.ts'

const later = handlersOf(() => import('./saml.ts'))

/** Of the form that brings an answer: 256 kB, as base64 in a form. */
const ANSWER_BYTES_MAX = 512 * 1024

export function samlRoutes(): readonly Route[] {
  const one = '/sign-in/with/:id'
  return [
    // Comes from the provider's site and brings no cookie; whose browser it is, the page after it finds out.
    publicRoute('POST', `${one}/callback`, later('takeAnswer'), {
      takesForeignWrites: true,
      bodyBytesMax: ANSWER_BYTES_MAX,
    }),
    publicRoute('GET', `${one}/metadata`, later('showMetadata')),
  ]
}
