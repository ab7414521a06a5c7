// What an admin does about a failure, in one sentence each. It stands on the test page beside what failed.

import * as client from 'openid-client'

export const ADVICE = {
  reach:
    'See that this server may reach that address: its name, the firewall, and for a private network `allow` of the section [outbound].',
  issuer:
    'Enter the issuer to the letter as the provider writes it in `issuer` of its /.well-known/openid-configuration, with or without the slash at the end.',
  discovery:
    'Open the address of the issuer with /.well-known/openid-configuration behind it in a browser: what comes must be the provider’s description of itself.',
  keys: 'At the provider, switch on a signing key for this application (RS256), and see that its jwks_uri can be read without a sign-in.',
  client:
    'Compare the client id with that of the application there, make a new client secret there and enter its value here, not its id.',
  redirect:
    'Enter the redirect URI that stands on the page of this provider at the application there, to the letter.',
  clock: 'Set the clock of this machine by NTP, and see that the provider’s is right, too.',
  audience: 'Enter the client id of this very application: the token was made for another one.',
  key: 'The token is not signed by a key of this issuer: see that issuer and application belong to the same provider, and that tokens are signed by RS256 or better.',
  again: 'Begin the test again, in one browser and without going back.',
  proof: 'Let the provider send auth_time, or prove who you are here by a passkey.',
  hosted:
    'Choose an account of your own domain there, or change the Google Workspace domain on the page of this provider.',
  tenant:
    'Sign in with an account of your own tenant, or enter the directory (tenant) id of the one you mean.',
} as const

const BY_CLAIM: Readonly<Record<string, string>> = {
  iss: ADVICE.issuer,
  aud: ADVICE.audience,
  azp: ADVICE.audience,
  iat: ADVICE.clock,
  exp: ADVICE.clock,
  nbf: ADVICE.clock,
  nonce: ADVICE.again,
}

const BY_CODE: Readonly<Record<string, string>> = {
  invalid_client: ADVICE.client,
  unauthorized_client:
    'Allow the authorisation code flow for this application there, as a web application.',
  invalid_grant: `The code was not taken. ${ADVICE.redirect}`,
  redirect_uri_mismatch: ADVICE.redirect,
  access_denied: 'Assign the person, or one of their groups, to this application there.',
  login_required: ADVICE.again,
  consent_required:
    'Grant consent for the application there as an administrator, for everybody at once.',
  invalid_scope:
    'Take the scope that the provider does not know out of *More scopes*, or add it there.',
}

/** Undefined where nothing better is known than the words of the failure. */
export function adviceOn(error: unknown): string | undefined {
  if (error instanceof client.WWWAuthenticateChallengeError) return ADVICE.client
  const isAnswer =
    error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError
  if (isAnswer) return Object.hasOwn(BY_CODE, error.error) ? BY_CODE[error.error] : undefined
  const claim = claimOf(error)
  if (claim !== undefined && Object.hasOwn(BY_CLAIM, claim)) return BY_CLAIM[claim]
  const isOfKeys = error instanceof Error && /signature|applicable key|"alg"/i.test(error.message)
  return isOfKeys ? ADVICE.key : undefined
}

/** Which claim a token was refused for, however deep a library has put it. */
function claimOf(error: unknown): string | undefined {
  let one = error
  for (let depth = 0; depth < 4 && typeof one === 'object' && one !== null; depth++) {
    if ('claim' in one && typeof one.claim === 'string') return one.claim
    one = 'cause' in one ? one.cause : undefined
  }
  return undefined
}
