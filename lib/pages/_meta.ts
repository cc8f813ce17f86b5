/**
 * The meta elements of every page, as they stand in its head. The policy is a second line of defence; a
 * browser does not apply it to a refresh or to a link that is followed, so the first line stays the list
 * in `allowed.ts`.
 */
export const META: readonly string[] = [
  '<meta charset="utf-8">',
  '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; ' +
  "style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; base-uri 'none'\">",
  '<meta http-equiv="x-dns-prefetch-control" content="off">',
  '<meta name="referrer" content="no-referrer">',
  '<meta name="viewport" content="width=device-width, initial-scale=1">',
];
