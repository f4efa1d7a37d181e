// `[[` in the editor: pages and words of the glossary proposed as one types, taken with the keyboard or the mouse; none fits: a link to a page not written yet.
(() => {
  "use strict";
  const { React, DraftJS, draftail } = window;
  const given = document.getElementById("academy-links");
  if (!React || !DraftJS || !draftail || !given) return;
  const { suggest, words } = JSON.parse(given.textContent);
  const { createElement: h } = React;
  const { EditorState, Modifier, SelectionState } = DraftJS;
  const OPENING = /\[\[([^[\]\n]{0,200})$/;
  const CLOSED = /\[\[([^[\]\n]{1,200})\]\]$/;
  let count = 0;

  // What stands between `[[` and the caret, and where; null when there is nothing to propose.
  const asked = (state, pattern) => {
    const selection = state.getSelection();
    if (!selection.isCollapsed() || !selection.getHasFocus()) return null;
    const block = state.getCurrentContent().getBlockForKey(selection.getStartKey());
    if (!block || block.getType() === "code-block" || block.getType() === "atomic") return null;
    const before = block.getText().slice(0, selection.getStartOffset());
    const found = pattern.exec(before);
    return found && { words: found[1], key: block.getKey(), start: found.index, end: before.length };
  };

  const take = (state, place, words, type, data) => {
    const range = SelectionState.createEmpty(place.key).merge({ anchorOffset: place.start, focusOffset: place.end, hasFocus: true });
    const made = state.getCurrentContent().createEntity(type, "MUTABLE", data);
    const styles = state.getCurrentInlineStyle();
    const linked = Modifier.replaceText(made, range, words, styles, made.getLastCreatedEntityKey());
    const pushed = EditorState.push(state, linked, "insert-characters");
    return EditorState.forceSelection(pushed, linked.getSelectionAfter());
  };

  const nearPage = () => (/\/pages\/(?:add\/\w+\/\w+\/)?(\d+)\//.exec(window.location.pathname) || [])[1] || "";

  class Pages extends React.Component {
    constructor(props) {
      super(props);
      this.id = `academy-pages-${(count += 1)}`;
      this.state = { pages: [], query: null, chosen: 0, place: null, left: null };
      this.anchor = React.createRef();
      this.onKey = this.onKey.bind(this);
      this.follow = () => this.isOpen() && this.forceUpdate();
      this.serial = 0;
    }

    componentDidMount() {
      this.editor = this.anchor.current.closest("[data-draftail-editor]");
      this.editor.addEventListener("keydown", this.onKey, true);
      window.addEventListener("scroll", this.follow, true);
    }

    componentWillUnmount() {
      this.editor.removeEventListener("keydown", this.onKey, true);
      window.removeEventListener("scroll", this.follow, true);
      window.clearTimeout(this.waiting);
      this.tell(false);
    }

    componentDidUpdate() {
      const state = this.props.getEditorState();
      const closed = asked(state, CLOSED);
      if (closed && closed.words.trim()) {
        this.finish(closed);
        return;
      }
      const place = asked(state, OPENING);
      const query = place ? place.words.trim() : null;
      const here = place && `${place.key}:${place.start}`;
      if (place && this.state.left === here) return;
      if (query === this.state.query && (!place) === (!this.state.place)) {
        this.tell(this.isOpen());
        document.getElementById(`${this.id}-${this.state.chosen}`)?.scrollIntoView({ block: "nearest" });
        return;
      }
      this.setState({ query, place, chosen: 0, left: place ? this.state.left : null, ...(query ? {} : { pages: [] }) });
      window.clearTimeout(this.waiting);
      if (query) this.waiting = window.setTimeout(() => this.ask(query), 150);
    }

    isOpen() {
      return Boolean(this.state.place && this.state.query);
    }

    options() {
      return [...this.state.pages, { later: this.state.query, key: "later" }];
    }

    async find(query) {
      const address = `${suggest}?${new URLSearchParams({ q: query, near: nearPage() })}`;
      const answer = await window.fetch(address, { headers: { Accept: "application/json" } });
      return answer.ok ? (await answer.json()).pages : [];
    }

    async ask(query) {
      const serial = (this.serial += 1);
      const pages = await this.find(query).catch(() => []);
      if (serial === this.serial && query === this.state.query) this.setState({ pages, chosen: 0 });
    }

    // `[[Title]]` typed to its end: the page of exactly that title, else a page to write. A page found a moment later takes its place.
    finish(place) {
      const title = place.words.trim();
      const same = (page) => !page.term && page.title.localeCompare(title, undefined, { sensitivity: "base" }) === 0;
      const known = this.state.pages.find(same);
      this.close();
      const made = this.put(known || { later: title }, place);
      if (known) return;
      this.find(title)
        .then((pages) => pages.find(same))
        .then((page) => page && this.settle(made, page))
        .catch(() => {});
    }

    settle(made, page) {
      const state = this.props.getEditorState();
      let content = state.getCurrentContent();
      content.getBlocksAsArray().forEach((block) => {
        block.findEntityRanges(
          (character) => character.getEntity() === made,
          (start, end) => {
            content = content.createEntity("LINK", "MUTABLE", { id: page.id, url: page.url, parentId: page.parent });
            const range = SelectionState.createEmpty(block.getKey()).merge({ anchorOffset: start, focusOffset: end });
            content = Modifier.applyEntity(content, range, content.getLastCreatedEntityKey());
          },
        );
      });
      if (content === state.getCurrentContent()) return;
      const settled = EditorState.push(state, content, "apply-entity");
      const selection = state.getSelection();
      const placed = selection.getHasFocus() ? EditorState.forceSelection(settled, selection) : EditorState.acceptSelection(settled, selection);
      this.props.onChange(placed);
    }

    // Puts the link in the text; the key of what was made.
    put(option, place) {
      const state = this.props.getEditorState();
      const link = ["LINK", { id: option.id, url: option.url, parentId: option.parent }];
      const made = option.term ? ["TERM", { term: option.term }] : option.id ? link : ["WANTED", { target: option.later }];
      const next = take(state, place, option.title || option.later, ...made);
      this.props.onChange(next);
      return next.getCurrentContent().getLastCreatedEntityKey();
    }

    choose(option) {
      const place = asked(this.props.getEditorState(), OPENING) || this.state.place;
      this.close();
      this.put(option, place);
    }

    close() {
      this.serial += 1;
      window.clearTimeout(this.waiting);
      this.setState({ pages: [], query: null, place: null, chosen: 0 });
    }

    onKey(event) {
      if (!this.isOpen() || event.isComposing) return;
      const last = this.options().length - 1;
      const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (move) this.setState(({ chosen }) => ({ chosen: (chosen + move + last + 1) % (last + 1) }));
      else if (event.key === "Enter" || event.key === "Tab") this.choose(this.options()[this.state.chosen]);
      else if (event.key === "Escape") {
        this.setState({ left: `${this.state.place.key}:${this.state.place.start}` });
        this.close();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    }

    // The caret stays in the text: the list is tied to it for those who hear the page.
    tell(isOpen) {
      const box = this.editor?.querySelector("[contenteditable='true']");
      if (!box) return;
      const values = { "aria-controls": this.id, "aria-activedescendant": `${this.id}-${this.state.chosen}`, "aria-autocomplete": "list" };
      for (const [name, value] of Object.entries(values)) {
        if (isOpen) box.setAttribute(name, value);
        else if (box.getAttribute(name) === value || box.getAttribute("aria-controls") === this.id) box.removeAttribute(name);
      }
    }

    // Under the caret, or above it where there is no room below.
    position() {
      const caret = DraftJS.getVisibleSelectionRect(window);
      if (!caret) return this.where || {};
      const { innerWidth, innerHeight } = window;
      const left = Math.max(8, Math.min(caret.left, innerWidth - 396));
      const isLow = caret.bottom + 300 > innerHeight && caret.top > 300;
      this.where = isLow ? { bottom: innerHeight - caret.top + 6, left } : { top: caret.bottom + 6, left };
      return this.where;
    }

    render() {
      if (!this.isOpen()) return h("div", { ref: this.anchor, className: "academy-pages-anchor" });
      const option = (one, index) => {
        const props = {
          key: one.term ? `term-${one.term}` : one.id || "later",
          id: `${this.id}-${index}`,
          role: "option",
          className: "academy-pages-option",
          "aria-selected": index === this.state.chosen ? "true" : "false",
          onMouseDown: (event) => {
            event.preventDefault();
            this.choose(one);
          },
        };
        if (one.later) {
          const later = words.later.replace("%s", one.later);
          return h("li", props, h("span", { className: "academy-wanted" }, later), h("small", null, words.laterNote));
        }
        const note = one.term ? [words.termNote, one.language].filter(Boolean).join(" · ") : [one.section, one.language, one.draft ? words.draft : ""].filter(Boolean).join(" · ");
        return h("li", props, h("span", null, one.title), note && h("small", null, note));
      };
      const found = this.state.pages.length;
      return h(
        "div",
        { ref: this.anchor, className: "academy-pages-anchor" },
        h(
          "div",
          { className: "academy-pages", style: this.position() },
          h("ul", { id: this.id, role: "listbox", "aria-label": words.label }, this.options().map(option)),
        ),
        h("div", { className: "w-sr-only", role: "status" }, found ? words.many.replace("%s", found) : words.none),
      );
    }
  }

  // How a red link looks while one writes: its tooltip says what it asks for, and edits or removes it.
  const Wanted = (props) => {
    const { target } = props.contentState.getEntity(props.entityKey).getData();
    const label = words.asks.replace("%s", target);
    return h("span", { className: "academy-wanted", title: label }, h(draftail.TooltipEntity, { ...props, label, icon: null, url: null }));
  };

  const Term = (props) => {
    const label = words.termNote;
    return h("span", { className: "academy-term", title: label }, h(draftail.TooltipEntity, { ...props, label, icon: null, url: null }));
  };

  // Editing a red link opens the list again on its words.
  class WantedSource extends React.Component {
    componentDidMount() {
      const { editorState, onComplete } = this.props;
      const selection = editorState.getSelection();
      const content = editorState.getCurrentContent();
      const text = content.getBlockForKey(selection.getStartKey()).getText().slice(selection.getStartOffset(), selection.getEndOffset());
      const opened = Modifier.replaceText(content, selection, `[[${text}`, editorState.getCurrentInlineStyle(), null);
      onComplete(EditorState.push(editorState, opened, "insert-characters"));
    }

    render() {
      return null;
    }
  }

  draftail.registerPlugin({ type: "WANTED", source: WantedSource, decorator: Wanted }, "entityTypes");
  draftail.registerPlugin({ type: "TERM", source: WantedSource, decorator: Term }, "entityTypes");
  draftail.registerPlugin({ type: "PAGES", meta: (props) => h(Pages, props) }, "controls");
})();
