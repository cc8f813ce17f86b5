/** The part of jsdom's interface in use, under the types of a browser's DOM. */
export class JSDOM {
  constructor(html?: string);
  readonly window: Window & {
    readonly DOMParser: typeof DOMParser;
    readonly XMLSerializer: typeof XMLSerializer;
  };
}
