Feature: Letters in a product owner's words

  Background:
    Given An office exists

  Scenario: Posting twice is refused the second time
    Given A letter is posted
    When The same letter is posted again
    Then It is refused
    And Nothing happens

  Scenario: Another letter like the last
    Given A letter is posted
    When The same letter is posted with 7 grams
    Then Two letters are out

  Scenario: Many letters at once
    When These letters are posted
      | code | grams | express |
      | 1    | 12    | true    |
      | b    | 13    | false   |
    And The letters of 12 and 13 grams are listed
    Then 2 letters are listed

  Scenario: Letters that are kept
    Given These letters were kept
      | code | grams |
      | 77   | 3     |
      | x    | 3     |
    And y answers x
    And Another office exists
    When The letters of 3 and 4 grams are listed
    Then 2 letters are listed
    And every letter weighs 3 grams
    And The answer to y is remembered

  Scenario: Time stands still
    Given The time is 2030-05-05T05:05:05Z
    And 2 days pass
    When A letter is posted
    Then It was posted at 2030-05-07T05:05:05Z

  Scenario: Time is told by a row
    Given The clock moves on to the opening of the office and an hour
    When A letter is posted
    Then It was posted at 2026-11-20T13:00:00Z

  Scenario Outline: Those who may not
    Given <who>
    When A letter is posted
    Then It is refused
    And Nothing happens

    Examples:
      | who            |
      | Nobody speaks  |
      | Eve wanders in |

  Scenario: Somebody of two offices
    Given Another office exists
    And Ann is a clerk of office
    And Ann is a head of elsewhere
    And Ann is a clerk of office
    When A letter is posted
    Then The letter is out

  Scenario: Another office posts
    Given Another office exists
    When elsewhere posts a letter
    Then The letter is out

  Scenario: A storm
    When The wind blows
    And A new letter is posted
    And The letters are listed
    Then 6 letters are listed
