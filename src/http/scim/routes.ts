// The routes of directories. They are public to the gate, which knows sessions and our own tokens alone;
// each handler lets in whoever has the token of a directory, and reads no cookie.

import { handlersOf, publicRoute, type Route } from '#http/routes.ts'

const users = handlersOf(() => import('./users.ts'))
const groups = handlersOf(() => import('./groups.ts'))
const about = handlersOf(() => import('./about.ts'))
const search = handlersOf(() => import('./search.ts'))

const byToken = { takesForeignWrites: true } as const

export function scimRoutes(): readonly Route[] {
  return [
    publicRoute('GET', '/scim/v2/ServiceProviderConfig', about('getConfig'), byToken),
    publicRoute('GET', '/scim/v2/ResourceTypes', about('listResourceTypes'), byToken),
    publicRoute('GET', '/scim/v2/ResourceTypes/:id', about('getResourceType'), byToken),
    publicRoute('GET', '/scim/v2/Schemas', about('listSchemas'), byToken),
    publicRoute('GET', '/scim/v2/Schemas/:id', about('getSchema'), byToken),
    publicRoute('GET', '/scim/v2', search('listAll'), byToken),
    publicRoute('POST', '/scim/v2/.search', search('searchAll'), byToken),
    publicRoute('POST', '/scim/v2/Bulk', search('refuseBulk'), byToken),
    publicRoute('GET', '/scim/v2/Me', search('refuseMe'), byToken),
    publicRoute('POST', '/scim/v2/Users/.search', users('searchUsers'), byToken),
    publicRoute('POST', '/scim/v2/Groups/.search', groups('searchGroups'), byToken),
    publicRoute('GET', '/scim/v2/Users', users('listUsers'), byToken),
    publicRoute('POST', '/scim/v2/Users', users('addUser'), byToken),
    publicRoute('GET', '/scim/v2/Users/:id', users('getUser'), byToken),
    publicRoute('PUT', '/scim/v2/Users/:id', users('replaceUser'), byToken),
    publicRoute('PATCH', '/scim/v2/Users/:id', users('editUser'), byToken),
    publicRoute('DELETE', '/scim/v2/Users/:id', users('removeUser'), byToken),
    publicRoute('GET', '/scim/v2/Groups', groups('listGroups'), byToken),
    publicRoute('POST', '/scim/v2/Groups', groups('addGroup'), byToken),
    publicRoute('GET', '/scim/v2/Groups/:id', groups('getGroup'), byToken),
    publicRoute('PUT', '/scim/v2/Groups/:id', groups('replaceGroup'), byToken),
    publicRoute('PATCH', '/scim/v2/Groups/:id', groups('editGroup'), byToken),
    publicRoute('DELETE', '/scim/v2/Groups/:id', groups('removeGroup'), byToken),
  ]
}
