import { renderToString } from 'preact-render-to-string';
import { toRoute } from '../../lambdas/contract/request-names.ts';
import { fieldsOfAnswer, fieldsOfRequest, type ShownField } from './field-table.ts';
import { listRequests } from './openapi.ts';

/** The look of the page: it needs no script and loads nothing. */
const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 0 auto; padding: 1rem; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1rem; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: 0.25rem 0.5rem 0.25rem 0; text-align: left; vertical-align: top; }
h2 { margin-top: 2.5rem; }
nav ul { columns: 20rem; padding-left: 1.2rem; }
`;

/** Words in which parts between backticks are code. */
const Words = ({ text }: { text: string }) => (
  <>{text.split('`').map((part, at) => (at % 2 === 1 ? <code key={part}>{part}</code> : part))}</>
);

const Fields = ({ caption, fields }: { caption: string; fields: readonly ShownField[] }) => (
  <table>
    <caption>{caption}</caption>
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">Values</th>
        <th scope="col">Meaning</th>
      </tr>
    </thead>
    <tbody>
      {fields.map(({ path, values, fallback, description }) => (
        <tr key={path}>
          <th scope="row">
            <code>{path}</code>
          </th>
          <td>
            <Words
              text={
                values + (fallback === '' ? '' : ` (${fallback === 'required' ? fallback : `default ${fallback}`})`)
              }
            />
          </td>
          <td>
            <Words text={description} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

type Request = ReturnType<typeof listRequests>[number];

const titleOf = ({ method, path }: Request): string => `${method} ${toRoute(path)}`;
const idOf = (request: Request): string =>
  titleOf(request)
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase();

const Section = ({ request }: { request: Request }) => {
  const { summary, senders, answeredBy, query, body, answer } = request;
  const [asked, sent, answered] = [
    query && fieldsOfRequest(query),
    body && fieldsOfRequest(body),
    answer && fieldsOfAnswer(answer),
  ];
  return (
    <section aria-labelledby={idOf(request)}>
      <h2 id={idOf(request)}>
        <code>{titleOf(request)}</code>
      </h2>
      <p>
        <Words text={summary} />
      </p>
      <p>
        For: {senders}. Answered by the function {answeredBy}.
      </p>
      {asked && asked.length > 0 && <Fields caption="Parameters" fields={asked} />}
      {sent && sent.length > 0 && <Fields caption="Body, in JSON" fields={sent} />}
      {answered && <Fields caption="Answer, in JSON" fields={answered} />}
    </section>
  );
};

/** The reference of every request as one HTML page: one style, no script, nothing loaded. */
export const buildApiPage = (): string => {
  const requests = listRequests();
  const body = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>The API of Toolwatch</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>
          <h1>The API of Toolwatch</h1>
          <p>
            For programs the same is at <a href="/v1/openapi.json">/v1/openapi.json</a>, as OpenAPI 3.1. Errors are{' '}
            <code>application/problem+json</code>. Times are ISO 8601 in UTC. In names, <code>[]</code> stands for each
            element of a list and <code>*</code> for any key.
          </p>
          <nav aria-label="Requests">
            <ul>
              {requests.map((request) => (
                <li key={idOf(request)}>
                  <a href={`#${idOf(request)}`}>{titleOf(request)}</a>
                </li>
              ))}
            </ul>
          </nav>
          {requests.map((request) => (
            <Section key={idOf(request)} request={request} />
          ))}
        </main>
      </body>
    </html>
  );
  return `<!doctype html>${renderToString(body)}`;
};
