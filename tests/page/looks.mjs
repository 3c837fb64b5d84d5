// What a page looks like, in numbers: what sticks out of it sideways, and how each text stands out from its ground.

/** The elements that are wider than the screen, or partly outside it; the table's hidden head is none. */
export const overflows = (page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const isShown = (element) => element.checkVisibility() && !element.closest("thead, template");
    const sticksOut = (element) => {
      const { left, right } = element.getBoundingClientRect();
      return left < -0.5 || right > width + 0.5 || element.scrollWidth > element.clientWidth + 1;
    };
    const isInline = (element) => getComputedStyle(element).display.startsWith("inline");
    const elements = [...document.querySelectorAll("body *")].filter(isShown).filter((it) => !isInline(it));
    const found = elements.filter(sticksOut).map((it) => `${it.tagName} ${it.id} ${it.className} ${it.scrollWidth}`);
    if (document.documentElement.scrollWidth > width) found.push(`the page: ${document.documentElement.scrollWidth}`);
    return found;
  });

/** The contrast ratio of each visible text with what is behind it, by the formula of WCAG 2. */
export const contrasts = (page) =>
  page.evaluate(() => {
    const channels = (color) => color.match(/[\d.]+/g).map(Number);
    const luminance = (color) => {
      const [red, green, blue] = channels(color).map((value) => {
        const part = value / 255;
        return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ground = (element) => {
      const color = getComputedStyle(element).backgroundColor;
      const isClear = channels(color)[3] === 0;
      return isClear && element.parentElement ? ground(element.parentElement) : color;
    };
    const texts = [...document.querySelectorAll("body *")].filter(
      (it) => it.checkVisibility() && [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim()),
    );
    return texts.map((element) => {
      const pair = [getComputedStyle(element).color, ground(element)];
      const [light, dark] = pair.map(luminance).sort((a, b) => b - a);
      return { text: element.textContent.slice(0, 30), pair, ratio: (light + 0.05) / (dark + 0.05) };
    });
  });
