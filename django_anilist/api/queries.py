"""The GraphQL documents we send."""

from __future__ import annotations

import re
from functools import lru_cache

#: AniList gives no more on one ``Page``. https://docs.anilist.co/guide/graphql/pagination
PER_PAGE = 50

VIEWER = """
query Viewer {
  Viewer {
    id
    name
    siteUrl
    avatar { large medium }
    options { titleLanguage displayAdultContent profileColor timezone }
    mediaListOptions { scoreFormat }
    unreadNotificationCount
  }
}
"""

_MEDIA = """
fragment media on Media {
  id
  idMal
  type
  format
  status(version: 2)
  title { userPreferred romaji english native }
  coverImage { large medium color }
  startDate { year month day }
  season
  seasonYear
  episodes
  duration
  chapters
  volumes
  genres
  averageScore
  isAdult
  siteUrl
  nextAiringEpisode { episode airingAt timeUntilAiring }
}
"""

#: The viewer's own entry, as much of it as a form needs to change it.
_OWN_ENTRY = (
    "mediaListEntry { id status progress score scoreRaw: score(format: POINT_100) repeat notes }"
)

MEDIA = (
    f"""
query Media($id: Int) {{
  Media(id: $id) {{
    ...media
    description(asHtml: false)
    bannerImage
    source(version: 3)
    {_OWN_ENTRY}
  }}
}}
"""
    + _MEDIA
)

_ENTRY = """
fragment entry on MediaList {
  id
  userId
  mediaId
  status
  score
  scoreRaw: score(format: POINT_100)
  progress
  progressVolumes
  repeat
  private
  notes
  hiddenFromStatusLists
  customLists(asArray: true)
  startedAt { year month day }
  completedAt { year month day }
  updatedAt
}
"""

MEDIA_LIST = (
    """
query MediaList($userId: Int, $userName: String, $type: MediaType, $status: MediaListStatus,
                $sort: [MediaListSort], $chunk: Int, $perChunk: Int) {
  MediaListCollection(userId: $userId, userName: $userName, type: $type, status: $status, sort: $sort,
                      forceSingleCompletedList: true, chunk: $chunk, perChunk: $perChunk) {
    hasNextChunk
    lists {
      name
      isCustomList
      entries { ...entry media { ...media } }
    }
  }
}
"""
    + _ENTRY
    + _MEDIA
)

SAVE_MEDIA_LIST_ENTRY = (
    """
mutation SaveMediaListEntry($id: Int, $mediaId: Int, $status: MediaListStatus, $score: Float,
                            $scoreRaw: Int, $progress: Int, $progressVolumes: Int, $repeat: Int,
                            $priority: Int, $private: Boolean, $notes: String,
                            $hiddenFromStatusLists: Boolean, $customLists: [String],
                            $advancedScores: [Float], $startedAt: FuzzyDateInput,
                            $completedAt: FuzzyDateInput) {
  SaveMediaListEntry(id: $id, mediaId: $mediaId, status: $status, score: $score, scoreRaw: $scoreRaw,
                     progress: $progress, progressVolumes: $progressVolumes, repeat: $repeat,
                     priority: $priority, private: $private, notes: $notes,
                     hiddenFromStatusLists: $hiddenFromStatusLists, customLists: $customLists,
                     advancedScores: $advancedScores, startedAt: $startedAt,
                     completedAt: $completedAt) {
    ...entry
    media { ...media }
  }
}
"""
    + _ENTRY
    + _MEDIA
)
#: What of an entry can be saved: the arguments of that mutation.
SAVED = frozenset(re.findall(r"\$(\w+): ", SAVE_MEDIA_LIST_ENTRY.partition("{")[0]))

DELETE_MEDIA_LIST_ENTRY = """
mutation DeleteMediaListEntry($id: Int) {
  DeleteMediaListEntry(id: $id) { deleted }
}
"""


@lru_cache(maxsize=64)
def many_media(pages: int, as_viewer: bool) -> str:
    """Return the document that asks for ``pages`` times 50 media, by ``$ids0``, ``$ids1`` and so on.

    ``as_viewer`` adds the viewer's own entry.
    """
    numbers = range(pages)
    variables = ", ".join(f"$ids{number}: [Int]" for number in numbers)
    own = f" {_OWN_ENTRY}" if as_viewer else ""
    lines = "\n".join(
        f"  p{n}: Page(perPage: {PER_PAGE}) {{ media(id_in: $ids{n}) {{ ...media{own} }} }}"
        for n in numbers
    )
    return f"query MediaMany({variables}) {{\n{lines}\n}}\n{_MEDIA}"
