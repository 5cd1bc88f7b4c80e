"""What this site asks AniList besides what django-anilist asks by itself."""

TRENDING = """
query Trending {
  Page(perPage: 12) {
    media(type: ANIME, sort: TRENDING_DESC, isAdult: false) {
      id
      type
      title { userPreferred romaji english native }
      coverImage { large color }
      seasonYear
      averageScore
      isAdult
    }
  }
}
"""

TITLE = """
query Title($id: Int) {
  Media(id: $id) {
    id
    type
    title { userPreferred romaji english native }
    coverImage { large color }
    description(asHtml: false)
    startDate { year month day }
    episodes
    chapters
    genres
    averageScore
    isAdult
    siteUrl
    nextAiringEpisode { episode airingAt }
    mediaListEntry { id status progress score scoreRaw: score(format: POINT_100) repeat notes }
    relations {
      edges {
        relationType(version: 2)
        node {
          id
          type
          title { userPreferred romaji english native }
          coverImage { large color }
          isAdult
        }
      }
    }
  }
}
"""
