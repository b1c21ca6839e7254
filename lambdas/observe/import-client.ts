/**
 * Imports a client of the SDK by a name that bundlers do not follow: Lambda's runtime has the clients, and an app that does
 * not use them need not install them.
 */
export function importClient<Client>(name: string): Promise<Client> {
  return import(/* webpackIgnore: true */ name);
}
