/**
 * What a page may hold. This is the one definition: pages are cleaned by it and checked by it. What is
 * not named here is removed.
 */

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Elements by namespace. None of them runs, submits, embeds or fetches by itself. */
export const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  "http://www.w3.org/1999/xhtml": words(`
    a abbr article aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div
    dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p
    pre q rp rt ruby s samp section small span strong sub summary sup table tbody td tfoot th thead
    time tr u ul var wbr`),
  "http://www.w3.org/2000/svg": words(`
    a circle clipPath defs desc ellipse g image line linearGradient marker mask path pattern polygon
    polyline radialGradient rect stop style svg switch symbol text textPath title tspan use`),
  "http://www.w3.org/1998/Math/MathML": words(`
    annotation math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts
    mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none
    semantics`),
};

/** Attributes; those that hold an address or CSS are cleaned besides. `aria-*` is allowed too. */
export const ATTRIBUTES: readonly string[] = words(`
  alt class colspan datetime dir headers height href id lang open reversed role rowspan scope span src
  start style tabindex title type width

  clip-path clip-rule clipPathUnits cx cy d direction display dominant-baseline dx dy fill
  fill-opacity fill-rule font-family font-size font-stretch font-style font-variant font-weight fx fy
  gradientTransform gradientUnits image-rendering letter-spacing lengthAdjust marker-end marker-mid
  marker-start markerHeight markerUnits markerWidth mask maskContentUnits maskUnits offset opacity
  orient paint-order patternContentUnits patternTransform patternUnits points preserveAspectRatio r
  refX refY rotate rx ry shape-rendering spreadMethod startOffset stop-color stop-opacity stroke
  stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity
  stroke-width text-anchor text-decoration text-rendering textLength transform vector-effect viewBox
  visibility word-spacing x x1 x2 xlink:href xml:space xmlns xmlns:xlink y y1 y2

  accent accentunder columnalign columnlines columnspacing depth displaystyle encoding fence form
  frame framespacing largeop linebreak linethickness lspace mathbackground mathcolor mathsize
  mathvariant maxsize minsize movablelimits notation rowalign rowlines rowspacing rspace scriptlevel
  separator stretchy symmetric voffset`);

/** Schemes of what a reader may follow with a click. An address within the same folder has the page's. */
export const LINK_SCHEMES: readonly string[] = ["http:", "https:", "mailto:"];

/** SVG elements that may refer to another element of the same page. */
export const REFERRING_ELEMENTS: readonly string[] = words(
  "linearGradient pattern radialGradient textPath use",
);

/** An image of pixels that is part of the page. */
export const PIXELS = /^data:image\/(?:gif|jpeg|png|webp);base64,[A-Za-z0-9+/\s]*=*\s*$/i;

/** CSS properties, apart from custom ones (`--*`). None moves content out of its place. */
export const CSS_PROPERTIES: readonly string[] = words(`
  align-content align-items align-self aspect-ratio background background-color background-image
  background-position background-repeat background-size baseline-shift border border-bottom
  border-bottom-color border-bottom-style border-bottom-width border-collapse border-color border-left
  border-left-color border-left-style border-left-width border-radius border-right border-right-color
  border-right-style border-right-width border-spacing border-style border-top border-top-color
  border-top-style border-top-width border-width box-sizing caption-side clip-path clip-rule color
  column-gap direction display dominant-baseline fill fill-opacity fill-rule flex flex-basis
  flex-direction flex-flow flex-grow flex-shrink flex-wrap font font-family font-feature-settings
  font-size font-stretch font-style font-variant font-variant-numeric font-weight gap
  grid-template-columns grid-template-rows height image-rendering justify-content justify-items
  justify-self letter-spacing line-height list-style list-style-type margin margin-bottom margin-left
  margin-right margin-top marker-end marker-mid marker-start mask math-depth math-shift math-style
  max-height max-width min-height min-width mix-blend-mode opacity order overflow overflow-wrap
  overflow-x overflow-y padding padding-bottom padding-left padding-right padding-top paint-order
  row-gap shape-rendering stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset
  stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width table-layout text-align
  text-anchor text-decoration text-indent text-overflow text-rendering text-transform transform
  transform-box transform-origin vector-effect vertical-align visibility white-space width word-break
  word-spacing writing-mode`);

/** CSS properties in which `url(#id)` names an element of the same page. */
export const CSS_REFERRING: readonly string[] = words(
  "clip-path fill marker-end marker-mid marker-start mask stroke",
);

/** CSS functions. None takes an address, so no variable can smuggle one in. */
export const CSS_FUNCTIONS: readonly string[] = words(`
  calc circle clamp color color-mix conic-gradient ellipse fit-content hsl hsla hwb inset lab lch
  linear-gradient matrix max min minmax oklab oklch polygon radial-gradient repeat
  repeating-linear-gradient repeating-radial-gradient rgb rgba rotate scale scaleX scaleY skewX skewY
  translate translateX translateY var`);
