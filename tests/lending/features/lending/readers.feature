Feature: Readers have cards
  A card is somebody's, and nobody else's.

  Background:
    Given a library with one copy
    And Ann is a librarian

  Scenario: Several at once
    When these people register:
      | name  | card   |
      | Carl  | AB0001 |
      | Dora  | AB0002 |
      | Emil  | AB0003 |
    Then four readers have a card

  Scenario Outline: One card each
    Given <name> registers with <card>
    When Zora registers with <card>
    Then it is refused because of card_taken

    Examples:
      | name | card   |
      | Carl | AB0001 |
      | Dora | XY9876 |
