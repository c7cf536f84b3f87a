Feature: F

  Scenario: S
    When somebody buys
    Then it is red

  Scenario: T
    When somebody asks
    Then nothing is left
    And it fails: sold_out
    And it fails: forbidden

  Scenario: U
    When the shop is open
    Then nothing is left
