// How the providers that most companies have call the attributes of somebody in SAML. A new provider
// begins with these names; each can be another one.

import type { Preset } from './provider.ts'
import type { SamlSettings } from './settings.ts'

/** Null: the NameID, or the names that are usual. */
export type SamlNames = Pick<
  SamlSettings,
  'subjectAttribute' | 'emailAttribute' | 'nameAttribute' | 'groupsAttribute'
>

export const SAML_PRESETS = ['entra', 'okta', 'google', 'adfs', 'keycloak', 'generic'] as const
export type SamlPreset = (typeof SAML_PRESETS)[number]

interface PresetRow {
  readonly label: string
  /** What the provider is remembered as: the two that only speak SAML have no word of their own. */
  readonly kept: Preset
  readonly names: SamlNames
}

const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims'
const MICROSOFT = 'http://schemas.microsoft.com'

export const SAML_PRESET_ROWS: Readonly<Record<SamlPreset, PresetRow>> = {
  entra: {
    label: 'Entra ID',
    kept: 'entra',
    names: {
      // The NameID there is the sign-in name, which is given to somebody else one day.
      subjectAttribute: `${MICROSOFT}/identity/claims/objectidentifier`,
      emailAttribute: `${CLAIMS}/emailaddress`,
      nameAttribute: null,
      groupsAttribute: `${MICROSOFT}/ws/2008/06/identity/claims/groups`,
    },
  },
  okta: {
    label: 'Okta',
    kept: 'okta',
    names: {
      subjectAttribute: null,
      emailAttribute: 'email',
      nameAttribute: 'displayName',
      groupsAttribute: 'groups',
    },
  },
  google: {
    label: 'Google',
    kept: 'google',
    names: {
      subjectAttribute: null,
      emailAttribute: 'email',
      nameAttribute: null,
      groupsAttribute: 'groups',
    },
  },
  adfs: {
    label: 'AD FS',
    kept: 'generic',
    names: {
      subjectAttribute: null,
      emailAttribute: `${CLAIMS}/emailaddress`,
      nameAttribute: `${CLAIMS}/name`,
      groupsAttribute: 'http://schemas.xmlsoap.org/claims/Group',
    },
  },
  keycloak: {
    label: 'Keycloak',
    kept: 'generic',
    names: {
      subjectAttribute: null,
      emailAttribute: 'urn:oid:1.2.840.113549.1.9.1',
      nameAttribute: null,
      groupsAttribute: 'Role',
    },
  },
  generic: {
    label: 'Another one',
    kept: 'generic',
    names: {
      subjectAttribute: null,
      emailAttribute: null,
      nameAttribute: null,
      groupsAttribute: null,
    },
  },
}

/** What the presets call each of them, once: to choose from. */
export const KNOWN_NAMES = {
  subjectAttribute: namesFor('subjectAttribute'),
  emailAttribute: namesFor('emailAttribute'),
  nameAttribute: namesFor('nameAttribute'),
  groupsAttribute: namesFor('groupsAttribute'),
}

function namesFor(which: keyof SamlNames): readonly string[] {
  const all = SAML_PRESETS.map((preset) => SAML_PRESET_ROWS[preset].names[which])
  return [...new Set(all)].filter((name) => name !== null)
}
